/** What a tab has been given: its key, and the rooms that it is about. */
export interface Access {
  key: string;
  /** Room ids; empty: all rooms of the gateway. */
  rooms: string[];
  /** The project and the stack of the rooms. */
  stack?: string;
}

const STORED = "rtc";

/**
 * The access of this tab, from the address that `npm run up` prints (`#key=…&stack=…&room=…`) or from before a reload. The key
 * leaves the address bar. Elsewhere than on loopback an address gives no key: a link could open the gateway with a key of
 * another.
 */
export function readAccess(): Access | undefined {
  const given = new URLSearchParams(location.hash.slice(1));
  const [key, stack] = [given.get("key"), given.get("stack")];
  if (key !== null) history.replaceState(null, "", location.pathname);
  if (key && /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(location.hostname))
    return keepAccess({ key, rooms: given.getAll("room"), ...(stack !== null && { stack }) });
  const stored = sessionStorage.getItem(STORED);
  return stored === null ? undefined : (JSON.parse(stored) as Access);
}

/** Keeps it for as long as the tab is open. */
export function keepAccess(access: Access): Access {
  sessionStorage.setItem(STORED, JSON.stringify(access));
  return access;
}

export function forgetAccess(): void {
  sessionStorage.removeItem(STORED);
}
