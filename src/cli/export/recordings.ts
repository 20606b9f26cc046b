import { DEFAULT_LAYOUT, problems, type Recording, type Room } from "../../contract";
import type { DeclaredRecording } from "../../manifest/manifest";
import { recordingSchema } from "../../manifest/schema";
import { inlineSecrets } from "../../manifest/secrets";
import type { Remark } from "./rooms";

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
