import type { VendorAdapter } from "../../contract/adapter";
import { RtcError } from "../../contract/errors";
import type { Store } from "../store/store";
import type { Before } from "./context";

/** How long an answer of the vendors is reused: anyone may ask as often as they like. */
const VENDORS_MS = 5_000;
/** So long an answer of the store counts: each is a write that waits for the disk. */
const STORE_MS = 1_000;
/** A vendor that has not answered by then is not ready. */
const PATIENCE_MS = 3_000;
/** A name that no room has: looking it up costs a vendor little. */
const PROBE = "rtc-gateway-readiness";

/** The answer of `/readyz`: no address, key or message, since anyone may ask. */
export interface Readiness {
  ready: boolean;
  /** `ok`, or `stopping` while the last requests are finished. */
  server: "ok" | "stopping";
  store: "ok" | "failing";
  /** Each vendor that is configured: `ok`, or the code of its error. */
  vendors: Record<string, string>;
}

/**
 * Whether a gateway can do its work: it is not stopping, its store can be written, and at least one vendor answers. One
 * that fails beside another that does not is reported, and does not make the gateway unready.
 */
export class Health {
  readonly #store: () => Promise<Readiness["store"]>;
  readonly #vendors: () => Promise<Readiness["vendors"]>;
  #stopping = false;

  /** @param now monotonic milliseconds */
  constructor(store: Store, adapters: readonly VendorAdapter[], now = () => performance.now()) {
    this.#store = cached(STORE_MS, now, () =>
      store.check().then(
        () => "ok" as const,
        () => "failing" as const,
      ),
    );
    this.#vendors = cached(VENDORS_MS, now, () => statesOf(adapters));
  }

  /** From now on it is not ready. */
  stopping(): void {
    this.#stopping = true;
  }

  async ready(): Promise<Readiness> {
    const [store, vendors] = await Promise.all([this.#store(), this.#vendors()]);
    const server = this.#stopping ? "stopping" : "ok";
    const ready = server === "ok" && store === "ok" && Object.values(vendors).includes("ok");
    return { ready, server, store, vendors };
  }
}

/** The same answer for as long as it is fresh, also to those who ask while it is under way. */
function cached<T>(milliseconds: number, now: () => number, ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | undefined;
  return () => {
    if (!last || now() - last.at >= milliseconds) last = { at: now(), answer: ask() };
    return last.answer;
  };
}

async function statesOf(adapters: readonly VendorAdapter[]): Promise<Record<string, string>> {
  const configured = adapters.filter((adapter) => placeOf(adapter, "rtc.token.issue") !== undefined);
  const found = configured.map(async (adapter) => [adapter.vendor, await state(adapter)] as const);
  return Object.fromEntries(await Promise.all(found));
}

/** Answers `/livez` (the process answers) and `/readyz`, without a key and without a limit. */
export function probes(health: Health): Before {
  return async (c, next) => {
    if (c.req.path === "/livez") return c.json({ ok: true });
    if (c.req.path !== "/readyz") return next();
    const readiness = await health.ready();
    return c.json(readiness, readiness.ready ? 200 : 503);
  };
}

/** The first deployment that has the keys for something. */
function placeOf(adapter: VendorAdapter, capability: "rtc.token.issue" | "rtc.room.list") {
  return adapter.deployments().find((region) => adapter.missing(region, capability) === undefined);
}

async function state(adapter: VendorAdapter): Promise<string> {
  const region = placeOf(adapter, "rtc.room.list");
  // Without the keys to ask, tokens are all that it is used for, and they are signed here.
  if (region === undefined || !adapter.abilities["rtc.room.list"].can) return "ok";
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, "DEADLINE_EXCEEDED");
  });
  const asked = adapter.listRooms(region, [PROBE]).then(
    () => "ok",
    (error: unknown) => (RtcError.isInstance(error) ? error.code : "INTERNAL"),
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
