import { DEFAULT_LAYOUT, outputKey, problems, type Recording, type Room } from "../../contract";
import type { DeclaredRecording } from "../../manifest/manifest";
import { recordingSchema } from "../../manifest/schema";
import { inlineSecrets } from "../../manifest/secrets";
import type { Remark } from "./rooms";

/** A running recording as a manifest would adopt it, or why none can. */
export type RecordingDeclaration = { recording: DeclaredRecording; remarks: Remark[] } | { reason: string };

/** The room of a recording, and what becomes of it. */
export interface RecordedRoom {
  live: Room;
  /** Its resource name. */
  key: string;
  /** Whether adopting it leaves an ownership tag on it. */
  isMarked: boolean;
}

/**
 * Declares a running recording of a room that is adopted with it. It is found again by what it is like, in a room that
 * carries the stack's tag; anywhere else another would be started beside it.
 */
export function declareRecording(
  live: Recording,
  { live: room, key, isMarked }: RecordedRoom,
): RecordingDeclaration {
  const { status, layout = DEFAULT_LAYOUT, audioOnly = false, outputUri, roomSid } = live;
  if (status === "ending") return { reason: "it is ending" };
  if (outputUri === undefined) return { reason: "it goes where no outputUri can say" };
  if (roomSid !== room.sid) return { reason: "it is of an earlier room of that name" };
  if (!isMarked)
    return {
      reason: "its room gets no ownership tag, without which a second one would be started beside it",
    };
  const recording: DeclaredRecording = {
    room: key,
    ...(layout === DEFAULT_LAYOUT ? {} : { layout }),
    ...(audioOnly ? { audioOnly } : {}),
    outputUri,
  };
  const [refused] = problems(recordingSchema, recording);
  if (refused) return { reason: `${refused.path} ${refused.message}` };
  const [secret] = inlineSecrets(recording);
  if (secret) return { reason: `${secret.path.join(".")} ${secret.message}` };
  const remarks: Remark[] = [{ message: `${live.recording}, which goes on` }];
  if (/^azblob:\/\/[^/@]*@\{/.test(outputUri))
    remarks.push({
      input: "outputUri",
      message: "the storage account is not told: write it in before rtc up",
    });
  return { recording, remarks };
}

/** What two recordings of a room must not share: they could not be told apart. */
export function likenessOf({
  room,
  layout = DEFAULT_LAYOUT,
  audioOnly = false,
  outputUri = "",
}: DeclaredRecording) {
  return JSON.stringify([room, layout, audioOnly, outputKey(outputUri, audioOnly)]);
}
