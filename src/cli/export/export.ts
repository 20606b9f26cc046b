import { isOfStack, oneLine, type Recording, type Room, RtcError } from "../../contract";
import { renderManifest } from "../../manifest/render";
import { type Manifest, recordingKey } from "../../manifest/schema";
import {
  declareRecording,
  declareRoom,
  freeKey,
  isRoundTrip,
  keysOf,
  type RecordedRoom,
  type Remark,
} from "./rooms";

/** The live resources, and the traits of their vendors. */
export interface Live {
  rooms: readonly Room[];
  /** Those that have not ended. */
  recordings: readonly Recording[];
  /** Vendors that are configured and cannot list their rooms. */
  unlisted: readonly { vendor: string; reason: string }[];
  /** Whether a vendor has persistent rooms. */
  isPersistent(vendor: string): boolean;
  /** Whether a room was created: the vendor or a gateway stores it. */
  isCreated(room: Room): boolean;
}

/** The stack to export for. */
export interface ExportOptions {
  project: string;
  /** The part of the ownership tag that the stack's rooms share, where a stack is named. */
  tag?: string | undefined;
  /** Whether adopted rooms get an ownership tag: `rtc:ownerMark`. */
  adoptionTags: boolean;
}

/** A manifest of the live resources, and what it leaves out. */
export interface ExportedManifest {
  manifest: Manifest;
  /** Remarks for the user before the adoption, by the path in the manifest. */
  remarks: { path: string[]; message: string }[];
  /** The live resources that are not declared, by id. */
  leftOut: { id: string; reason: string }[];
  unlisted: { vendor: string; reason: string }[];
  /** Vendors of on-demand rooms. */
  onDemand: string[];
}

/** Declares the live resources, so that a stack that adopts them changes nothing. */
export function exportManifest(live: Live, { project, tag, adoptionTags }: ExportOptions): ExportedManifest {
  const manifest: Manifest = { project, rooms: {}, recordings: {} };
  const found: ExportedManifest = {
    manifest,
    remarks: [],
    leftOut: [],
    unlisted: [...live.unlisted],
    onDemand: [],
  };
  const remarkOn = (path: string[], remarks: Remark[]) => {
    for (const { input, message } of remarks)
      found.remarks.push({ path: input === undefined ? path : [...path, input], message: oneLine(message) });
  };
  const leaveOut = (id: string, reason: string) => found.leftOut.push({ id, reason: oneLine(reason) });

  const free: Room[] = [];
  const locations = new Map<string, string>();
  for (const room of live.rooms) {
    // Two regions may have the same server.
    const location = JSON.stringify([room.endpoint, room.sid ?? room.room]);
    const duplicate = locations.get(location);
    locations.set(location, room.room);
    if (duplicate !== undefined) leaveOut(room.room, `it is the same room as ${duplicate}`);
    else if (room.owner === null) free.push(room);
    else leaveOut(room.room, tag !== undefined && isOfStack(room.owner, tag) ? OURS : OTHERS);
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
    rooms.set(room.room, { live: room, key, isTagged: adoptionTags && room.metadata !== null });
    if (!live.isPersistent(room.vendor) && !found.onDemand.includes(room.vendor))
      found.onDemand.push(room.vendor);
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
    const likeness = recordingKey(declared.recording);
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

const OURS = "it carries this stack's ownership tag: the manifest that declares it manages or re-adopts it";
const OTHERS = "it carries the ownership tag of a stack: adopt: true would take it from that stack";

/**
 * The manifest as YAML, with the remarks as comments.
 *
 * @throws INVALID_ARGUMENT where it would be longer than a manifest may be
 */
export function exportYaml({ manifest, remarks, leftOut, unlisted, onDemand }: ExportedManifest): string {
  const tail = [
    ...(leftOut.length === 0 ? [] : ["Left out:"]),
    ...leftOut.map(({ id, reason }) => `- ${oneLine(id)}: ${reason}`),
  ];
  const notes = [
    ...onDemand.map(
      (vendor) => `rooms of ${vendor} are on demand: these were occupied, and become state-only resources.`,
    ),
    ...unlisted.map(({ vendor, reason }) => `Rooms at ${vendor} are not among them: ${oneLine(reason)}`),
  ];
  const text = renderManifest(manifest, { head: [...HEAD, ...notes], at: remarks, tail });
  if (isRoundTrip(manifest, text)) return text;
  const message =
    "the live resources exceed the size of a manifest: export them in parts, with --prefix or --vendor";
  throw new RtcError("INVALID_ARGUMENT", message);
}

const HEAD = [
  "Live resources, by rtc export. rtc up adopts them unchanged, except for the ownership tag in a room's metadata. After",
  "that, remove the lines with adopt.",
  "From then on the stack manages them: a resource that is removed from this file is deleted at the vendor, and rtc destroy",
  "deletes all of them; protect: true on a room rejects that. Metadata that your application changes itself would be drift:",
  "remove it from this file before rtc up, not after.",
];
