import { isOfStack, oneLine, type Recording, type Room, RtcError } from "../../contract";
import type { Manifest } from "../../manifest/manifest";
import { renderManifest } from "../../manifest/render";
import { freeKey, keysOf } from "./names";
import { declareRecording, likenessOf, type RecordedRoom } from "./recordings";
import { declareRoom, type Remark, readsAgain } from "./rooms";

/** What is live, and what is known of where it is. */
export interface Live {
  rooms: readonly Room[];
  /** Those that have not ended. */
  recordings: readonly Recording[];
  /** Vendors that are configured and cannot list their rooms. */
  unlisted: readonly { vendor: string; reason: string }[];
  /** Whether a vendor keeps rooms. */
  isPersistent(vendor: string): boolean;
  /** Whether somebody has made a room: the vendor keeps it, or the gateway in between has a record of it. */
  isCreated(room: Room): boolean;
}

/** For which stack it is exported. */
export interface Exporting {
  project: string;
  /** The part of the ownership tag that the stack's rooms share, where a stack is named. */
  mark?: string | undefined;
  /** Whether rooms that are adopted are marked: `rtc:ownerMark`. */
  marks: boolean;
}

/** A manifest of what is live, and what it does not say. */
export interface Exported {
  manifest: Manifest;
  /** What a person must know before it is adopted, by the path in the manifest. */
  remarks: { path: string[]; message: string }[];
  /** What is live and not declared, by its id. */
  leftOut: { id: string; reason: string }[];
  unlisted: { vendor: string; reason: string }[];
  /** Vendors of which the rooms are records. */
  records: string[];
}

/** Declares what is live, so that a stack that adopts it changes nothing. */
export function exported(live: Live, { project, mark, marks }: Exporting): Exported {
  const manifest: Manifest = { project, rooms: {}, recordings: {} };
  const found: Exported = { manifest, remarks: [], leftOut: [], unlisted: [...live.unlisted], records: [] };
  const remarkOn = (path: string[], remarks: Remark[]) => {
    for (const { input, message } of remarks)
      found.remarks.push({ path: input === undefined ? path : [...path, input], message: oneLine(message) });
  };
  const leaveOut = (id: string, reason: string) => found.leftOut.push({ id, reason: oneLine(reason) });

  const free: Room[] = [];
  const places = new Map<string, string>();
  for (const room of live.rooms) {
    // Two regions may lead to one server.
    const place = JSON.stringify([room.endpoint, room.sid ?? room.room]);
    const duplicate = places.get(place);
    places.set(place, room.room);
    if (duplicate !== undefined) leaveOut(room.room, `it is the same room as ${duplicate}`);
    else if (room.owner === null) free.push(room);
    else leaveOut(room.room, mark !== undefined && isOfStack(room.owner, mark) ? OURS : OTHERS);
  }
  const rooms = new Map<string, RecordedRoom>();
  for (const [index, key] of keysOf(free).entries()) {
    const room = free[index] as Room;
    const declared = declareRoom(room, key, live.isCreated(room));
    if ("reason" in declared) {
      leaveOut(room.room, declared.reason);
      continue;
    }
    manifest.rooms[key] = declared.room;
    remarkOn(["rooms", key], declared.remarks);
    rooms.set(room.room, { live: room, key, isMarked: marks && room.metadata !== null });
    if (!live.isPersistent(room.vendor) && !found.records.includes(room.vendor))
      found.records.push(room.vendor);
  }

  const selected = new Set(live.rooms.map(({ room }) => room));
  const likenesses = new Set<string>();
  const keys = new Set<string>();
  for (const recording of live.recordings.filter(({ room }) => selected.has(room))) {
    const room = rooms.get(recording.room);
    const declared = room ? declareRecording(recording, room) : { reason: "its room is left out" };
    if ("reason" in declared) {
      leaveOut(recording.recording, declared.reason);
      continue;
    }
    const likeness = likenessOf(declared.recording);
    if (likenesses.has(likeness)) {
      leaveOut(recording.recording, "another of the same room has the same layout, audio and output");
      continue;
    }
    likenesses.add(likeness);
    const key = freeKey(declared.recording.room, keys);
    manifest.recordings[key] = declared.recording;
    remarkOn(["recordings", key], declared.remarks);
  }
  return found;
}

const OURS =
  "it carries this stack's ownership tag: the manifest that declares it keeps it, or adopts it again";
const OTHERS =
  "it carries the ownership tag of a stack: with adopt: true it would be taken away from that one";

/**
 * The manifest as YAML, with the remarks as comments.
 *
 * @throws INVALID_ARGUMENT where it would be longer than a manifest may be
 */
export function exportedYaml({ manifest, remarks, leftOut, unlisted, records }: Exported): string {
  const tail = [
    ...(leftOut.length === 0 ? [] : ["Left out:"]),
    ...leftOut.map(({ id, reason }) => `- ${oneLine(id)}: ${reason}`),
  ];
  const kept = [
    ...records.map(
      (vendor) =>
        `${vendor} keeps no rooms: these are the ones that somebody was in, and they become records.`,
    ),
    ...unlisted.map(({ vendor, reason }) => `Rooms at ${vendor} are not among them: ${oneLine(reason)}`),
  ];
  const text = renderManifest(manifest, { head: [...HEAD, ...kept], at: remarks, tail });
  if (readsAgain(manifest, text)) return text;
  const message =
    "what is live is more than one manifest can hold: export it in parts, with --prefix or --vendor";
  throw new RtcError("INVALID_ARGUMENT", message);
}

const HEAD = [
  "What was live, by rtc export. rtc up adopts it as it is: the ownership tag, which goes into a room's metadata, is all",
  "that changes. After that the lines with adopt can go.",
  "From then on it is the stack's: what is taken out of this file is deleted at the vendor, and rtc destroy deletes it all;",
  "protect: true on a room refuses that. Metadata that your application changes itself would be drift: take it out of this",
  "file before rtc up, not after.",
];
