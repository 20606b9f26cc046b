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
