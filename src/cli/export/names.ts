import type { RoomRef } from "../../contract";

/** Names without quotes in YAML, escapes in a URN or quoting in a shell. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/**
 * Resource names for rooms, in their order. A plain name stays as it is, for the first room that has it; another becomes
 * a plain one that no other room has.
 *
 * @example keysOf([hall, hallInEu, { name: "Saal 1", … }]) // ["hall", "hall-eu", "Saal-1"]
 */
export function keysOf(rooms: readonly RoomRef[]): string[] {
  const owners = new Map<string, RoomRef>();
  for (const room of rooms) if (PLAIN.test(room.name) && !owners.has(room.name)) owners.set(room.name, room);
  const reserved = new Set(owners.keys());
  return rooms.map((room) => {
    if (owners.get(room.name) === room) return room.name;
    const { name, region, vendor } = room;
    return freeKey(PLAIN.test(name) ? `${name}-${plain(region ?? vendor)}` : plain(name), reserved);
  });
}

/** Reserves a key, with a number where it is taken. */
export function freeKey(wanted: string, reserved: Set<string>): string {
  let key = wanted;
  for (let number = 2; reserved.has(key); number += 1) key = `${wanted}-${number}`;
  reserved.add(key);
  return key;
}

/** The plain name nearest to a text. */
export function plain(text: string): string {
  const letters = text.normalize("NFKD").replaceAll(/\p{M}/gu, "");
  const joined = letters.replaceAll(/[^A-Za-z0-9_.-]+/g, "-");
  return joined.replaceAll(/^[^A-Za-z0-9]+|(?<!-)-+$/g, "") || "room";
}
