import { NEVER, problems, type Room, RtcError, same } from "../../contract";
import type { DeclaredRoom, Manifest } from "../../manifest/manifest";
import { parseManifest } from "../../manifest/parse";
import { renderManifest } from "../../manifest/render";
import { roomSchema } from "../../manifest/schema";
import { inlineSecrets } from "../../manifest/secrets";

/** What a person must know of an input; without one, of the whole. */
export interface Remark {
  input?: "emptyTimeoutSeconds" | "outputUri";
  message: string;
}

/** A living room as a manifest would adopt it, or why none can. */
export type RoomDeclaration = { room: DeclaredRoom; remarks: Remark[] } | { reason: string };

/**
 * Declares a living room so that adopting it changes nothing but the ownership tag.
 *
 * @param isCreated whether it exists, or a gateway has a record of it: else there is nothing to adopt
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
  // Left undeclared, metadata that the resource refuses would still be in its way when it marks the room.
  const [refused] = problems(roomSchema, full);
  if (refused) return { reason: `${refused.path} ${refused.message}` };
  const problem = inManifest(full);
  if (problem === undefined) return { room: full, remarks };
  const without = inManifest(bare);
  if (without !== undefined) return { reason: without };
  remarks.push({ message: `its metadata stays as it is and is not declared: ${problem}` });
  return { room: bare, remarks };
}

const UNREADABLE =
  "its metadata is no JSON object, or one that would not come back the same, as with numbers above 2^53: it stays as it is, is not declared, and leaves no place for an ownership tag, by which rtc sweep would find the room";

/** Why a manifest cannot say a room, although the resource can have it: a secret, or what YAML does not carry. */
function inManifest(room: DeclaredRoom): string | undefined {
  const [secret] = inlineSecrets(room);
  if (secret) return `${secret.path.join(".")} ${secret.message}`;
  if (room.name === undefined && room.metadata === undefined) return undefined;
  const manifest: Manifest = { project: "p", rooms: { r: room }, recordings: {} };
  return readsAgain(manifest, renderManifest(manifest)) ? undefined : "a manifest cannot say it exactly";
}

/** Whether a manifest comes out of its file as it went in. */
export function readsAgain(manifest: Manifest, text: string): boolean {
  try {
    return same(parseManifest(text, "rtc.yaml", { environment: {} }), manifest);
  } catch (error) {
    if (RtcError.isInstance(error)) return false;
    throw error;
  }
}

/** The one timeout that a room declares for the two that it has; none where it stays for good, or where none is known. */
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
  const message = `it stays ${before} until the first participant joins, ${after} after the last has left, and is adopted so`;
  return { emptyTimeoutSeconds, remark: { input: "emptyTimeoutSeconds", message } };
}
