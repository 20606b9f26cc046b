import { NEVER, problems, type Room, RtcError, same } from "../../contract";
import type { DeclaredRoom, Manifest } from "../../manifest/manifest";
import { parseManifest } from "../../manifest/parse";
import { renderManifest } from "../../manifest/render";
import { roomSchema } from "../../manifest/schema";
import { inlineSecrets } from "../../manifest/secrets";

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
