import { DEFAULT_LAYOUT, isOfStack, type Recording, RtcError, stackTag } from "../../contract";
import { assertAllowed } from "../decision";
import type { Declaration } from "../declarations";
import { recordedTwice } from "../preconditions";
import type { RecordingContext } from "./context";
import { decideStart } from "./decide";
import { observationGap, observeRoom, observeRunning } from "./observe";
import { type RecordingInputs, recordingKey } from "./state";
import { reportProgress, waitUntilSettled } from "./wait";

/** How long a start waits for the program's other declarations, where one of them may have the recording already. */
const OTHERS_MS = 1000;

/** Starts a declared recording, or adopts the one that a run that was killed has started. */
export async function startRecording(
  context: RecordingContext,
  id: string,
  declared: RecordingInputs,
  declaration: Declaration,
): Promise<Recording> {
  const { client, config, declarations, clock } = context;
  const { layout = DEFAULT_LAYOUT, audioOnly = false, outputUri, vendor } = declared;
  const room = await observeRoom(client, declared.room);
  const isOurs = config.ownerMark !== false && isOfStack(room?.owner, stackTag(declaration));
  const running =
    room && isOurs
      ? await observeRunning(context, declared.room, declaration.urn)
      : ({ is: "absent" } as const);
  const claimantOf = (recording: string) => declarations.claimant(recording);
  const decision = decideStart({ id, declared, room, running, claimantOf });
  assertAllowed(decision);
  const { adopts } = decision;
  // Where nothing was looked for, a duplicate that has been recording for long is seen by its check only.
  if (adopts || running.is !== "known") {
    await clock.sleep(OTHERS_MS);
    assertDeclaredOnce(context, declared);
  }
  if (adopts && (claimantOf(adopts.recording) ?? id) === id) {
    declarations.claim(adopts.recording, id, { force: true });
    return waitUntilSettled(context, adopts);
  }
  const starting = client.recording.start({ room: declared.room, layout, audioOnly, outputUri, vendor });
  const what = "waiting for the vendor to accept the recording";
  await reportProgress(context, what, declaration.urn, starting);
  const started = await starting;
  const gap = await observationGap(client, vendor ?? room?.vendor ?? "");
  if (gap === undefined) return waitUntilSettled(context, started);
  return { ...(room?.sid ? { roomSid: room.sid } : {}), ...started };
}

/** Rejects what is declared twice: the engine checks a program's resources in no certain order, while it creates others. */
export function assertDeclaredOnce(
  { declarations }: Pick<RecordingContext, "declarations">,
  declared: RecordingInputs,
): void {
  if (!declarations.isConflicting(recordingKey({ ...declared }) ?? "")) return;
  throw new RtcError("INVALID_ARGUMENT", recordedTwice(declared.room), { vendor: declared.vendor });
}
