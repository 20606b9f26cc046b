import {
  DEFAULT_LAYOUT,
  NEVER,
  problems,
  type Recording,
  type Room,
  type RoomRef,
  RtcError,
  same,
} from "../../contract";
import { parseManifest } from "../../manifest/parse";
import { inlineSecrets } from "../../manifest/references";
import { renderManifest } from "../../manifest/render";
import {
  type DeclaredRecording,
  type DeclaredRoom,
  type Manifest,
  recordingSchema,
  roomSchema,
} from "../../manifest/schema";

/** A remark on an input, or on the whole resource. */
export interface Remark {
  input?: "emptyTimeoutSeconds" | "outputUri";
  message: string;
}

/** The declaration with which a manifest adopts a live room, or why it cannot. */
export type RoomDeclaration = { room: DeclaredRoom; remarks: Remark[] } | { reason: string };

/**
 * Declares a live room so that its adoption changes only the ownership tag.
 *
 * @param isCreated whether the vendor or a gateway stores it: else it cannot be adopted
 */
export function declareRoom(live: Room, key: string, isCreated: boolean): RoomDeclaration {
  const { name, vendor, region, maxParticipants } = live;
  const settings: DeclaredRoom = {
    ...(key === name ? {} : { name }),
    vendor,
    ...(region === null ? {} : { region }),
    ...(maxParticipants === null ? {} : { maxParticipants }),
  };
  const { emptyTimeoutSeconds, remark } = timeoutOf(live);
  if (emptyTimeoutSeconds !== undefined) settings.emptyTimeoutSeconds = emptyTimeoutSeconds;
  const remarks: Remark[] = remark === undefined ? [] : [remark];
  const ending = isCreated ? { adopt: true } : {};
  const bare = { ...settings, ...ending };
  const { metadata } = live;
  if (metadata === null && isCreated) remarks.push({ message: UNREADABLE });
  const full = {
    ...settings,
    ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...ending,
  };
  // Invalid metadata also prevents the adoption where it is not declared: the tag is written into it.
  const [invalid] = problems(roomSchema, full);
  if (invalid) return { reason: `${invalid.path} ${invalid.message}` };
  const problem = manifestProblem(full);
  if (problem === undefined) return { room: full, remarks };
  const without = manifestProblem(bare);
  if (without !== undefined) return { reason: without };
  remarks.push({ message: `its metadata stays as it is and is not declared: ${problem}` });
  return { room: bare, remarks };
}

const UNREADABLE =
  "its metadata is no JSON object, or one that would not come back the same, as with numbers above 2^53: it stays as it is, is not declared, and leaves no place for an ownership tag, by which rtc sweep would find the room";

/** Why a manifest cannot declare a room that a resource can: a secret, or a value that YAML does not carry. */
function manifestProblem(room: DeclaredRoom): string | undefined {
  const [secret] = inlineSecrets(room);
  if (secret) return `${secret.path.join(".")} ${secret.message}`;
  if (room.name === undefined && room.metadata === undefined) return undefined;
  const manifest: Manifest = { project: "p", rooms: { r: room }, recordings: {} };
  return isRoundTrip(manifest, renderManifest(manifest))
    ? undefined
    : "a manifest cannot represent it exactly";
}

/** Whether a manifest's text parses to the same manifest. */
export function isRoundTrip(manifest: Manifest, text: string): boolean {
  try {
    return same(parseManifest(text, "rtc.yaml", { environment: {} }), manifest);
  } catch (error) {
    if (RtcError.isInstance(error)) return false;
    throw error;
  }
}

/** The declared timeout for the two of a room; none where it is permanent, or where none is known. */
function timeoutOf({ emptyTimeoutSeconds: empty, departureTimeoutSeconds: departure }: Room): {
  emptyTimeoutSeconds?: number;
  remark?: Remark;
} {
  if (empty === null || departure === null || (empty === NEVER && departure === NEVER)) return {};
  const emptyTimeoutSeconds = Math.max(1, empty === NEVER ? departure : empty);
  if (empty === departure && empty > 0) return { emptyTimeoutSeconds };
  const [before, after] = [empty, departure].map((seconds) =>
    seconds === NEVER ? "for good" : `${seconds} s`,
  );
  const message = `it stays ${before} until the first participant joins, ${after} after the last has left, and is adopted with both`;
  return { emptyTimeoutSeconds, remark: { input: "emptyTimeoutSeconds", message } };
}

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

/** The declaration with which a manifest adopts a running recording, or why it cannot. */
export type RecordingDeclaration = { recording: DeclaredRecording; remarks: Remark[] } | { reason: string };

/** The room of a recording, and how it is exported. */
export interface RecordedRoom {
  live: Room;
  /** Its resource name. */
  key: string;
  /** Whether its adoption adds an ownership tag. */
  isTagged: boolean;
}

/**
 * Declares a running recording of a room that is adopted with it. It is adopted by its likeness, in a room that carries
 * the stack's tag; in any other room a second one would be started.
 */
export function declareRecording(
  live: Recording,
  { live: room, key, isTagged }: RecordedRoom,
): RecordingDeclaration {
  const { status, layout = DEFAULT_LAYOUT, audioOnly = false, outputUri, roomSid } = live;
  if (status === "ending") return { reason: "it is ending" };
  if (outputUri === undefined) return { reason: "it goes where no outputUri can say" };
  if (roomSid !== room.sid) return { reason: "it is of an earlier room of that name" };
  if (!isTagged)
    return {
      reason: "its room gets no ownership tag, without which a second one would be started beside it",
    };
  const recording: DeclaredRecording = {
    room: key,
    ...(layout === DEFAULT_LAYOUT ? {} : { layout }),
    ...(audioOnly ? { audioOnly } : {}),
    outputUri,
  };
  const [invalid] = problems(recordingSchema, recording);
  if (invalid) return { reason: `${invalid.path} ${invalid.message}` };
  const [secret] = inlineSecrets(recording);
  if (secret) return { reason: `${secret.path.join(".")} ${secret.message}` };
  const remarks: Remark[] = [{ message: `${live.recording}, which continues` }];
  if (/^azblob:\/\/[^/@]*@\{/.test(outputUri))
    remarks.push({
      input: "outputUri",
      message: "the storage account is not reported: add it before rtc up",
    });
  return { recording, remarks };
}
