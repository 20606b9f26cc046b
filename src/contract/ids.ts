import { nodeCrypto } from "./crypto";

/** A room at a vendor, without its live state. */
export interface RoomRef {
  vendor: string;
  /** The deployment; null is the one without a region. */
  region: string | null;
  name: string;
}

/**
 * The id of a room: `livekit:standup`, with a region `livekit@eu:standup`.
 *
 * @example roomId({ vendor: "livekit", region: "eu", name: "standup" }) // "livekit@eu:standup"
 */
export function roomId({ vendor, region, name }: RoomRef): string {
  return `${vendor}${region === null ? "" : `@${region}`}:${name}`;
}

/**
 * Reads a room id. Anything that does not begin with a known vendor is a bare name, so that a room
 * called `team:core` or `...` can be asked for by name.
 *
 * @returns the room, or null for a bare name
 */
export function parseRoomId(text: string, vendors: readonly string[]): RoomRef | null {
  const match = /^([a-z][a-z0-9-]*)(?:@([^:@]+))?:(.+)$/s.exec(text);
  const [, vendor, region, name] = match ?? [];
  if (vendor === undefined || name === undefined || !vendors.includes(vendor)) return null;
  return { vendor, region: region ?? null, name };
}

const digits = (text: string) => nodeCrypto().createHash("sha256").update(text).digest("hex").slice(0, 12);

/** What an ownership tag is made from. */
export interface Owner {
  project: string;
  stack: string;
  /** The URN of the resource that declares the room. */
  urn: string;
}

/**
 * The tag that a declared room carries at the vendor: 12 hex digits for the stack, so that a stack
 * recognises its own, and 12 for the resource.
 *
 * @example ownershipTag({ project: "acme", stack: "dev", urn }) // "1f0c…-9ab3…"
 */
export function ownershipTag({ project, stack, urn }: Owner): string {
  return `${stackTag({ project, stack })}-${digits(urn)}`;
}

/** The part of an ownership tag that all resources of a stack share. */
export function stackTag({ project, stack }: Omit<Owner, "urn">): string {
  return digits(`${project}/${stack}`);
}

/** Whether the owner of a room is a resource of a stack, by its {@link stackTag}. */
export function isOfStack(owner: string | null | undefined, stack: string): boolean {
  return owner?.split("-")[0] === stack;
}

/** Whether an owner is a resource of the same stack as the one of an {@link ownershipTag}. */
export function isOfSameStack(owner: string | null | undefined, tag: string | undefined): boolean {
  return tag !== undefined && isOfStack(owner, tag.split("-")[0] as string);
}

/** Whether a text has the shape of an {@link ownershipTag}. */
export function isOwnershipTag(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{12}-[0-9a-f]{12}$/.test(text);
}
