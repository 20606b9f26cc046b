import { DEFAULT_LAYOUT, isOfStack, type Recording, type Room, RtcError, stackTag } from "../../contract";
import { assertAllowed, duplicateRecording } from "../decision";
import type { Declaration } from "../declarations";
import { decideStart } from "./decide";
import {
  layoutGap,
  observationGap,
  observeRoom,
  observeRunning,
  reportProgress,
  waitUntilStarted,
} from "./observe";
import { type RecordingContext, type RecordingInputs, recordingKey } from "./state";

/** How long a start waits for the program's other declarations, one of which may manage the recording already. */
const DECLARATIONS_MS = 1000;

/** Starts a declared recording, or adopts the one that a run that was killed has started. */
export async function startRecording(
  context: RecordingContext,
  id: string,
  declared: RecordingInputs,
  declaration: Declaration,
): Promise<Recording> {
  const { client, declarations, clock } = context;
  const { layout = DEFAULT_LAYOUT, audioOnly = false, outputUri, vendor } = declared;
  const { room, running, ...decision } = await planStart(context, id, declared, declaration);
  assertAllowed(decision);
  const { adopts } = decision;
  // Without a listing, only the check of a duplicate shows that the recording runs already.
  if (adopts || running.is !== "known") {
    await clock.sleep(DECLARATIONS_MS);
    assertDeclaredOnce(context, declared);
  }
  if (adopts && (claimantIn(context, declared, adopts) ?? id) === id) {
    declarations.claim(adopts.recording, id, { force: true });
    if (!audioOnly && adopts.layout !== layout) await client.recording.update(adopts.recording, { layout });
    return waitUntilStarted(context, adopts);
  }
  const starting = client.recording.start({ room: declared.room, layout, audioOnly, outputUri, vendor });
  const what = "waiting for the vendor to accept the recording";
  await reportProgress(context, what, declaration.urn, starting);
  const started = await starting;
  const gap = await observationGap(client, vendor ?? room?.vendor ?? "");
  if (gap === undefined) return waitUntilStarted(context, started);
  return { ...(room?.sid ? { roomSid: room.sid } : {}), ...started };
}

/** Observes whether a declared recording can be started or runs already, and decides. */
export async function planStart(
  context: RecordingContext,
  id: string,
  declared: RecordingInputs,
  declaration: Declaration,
) {
  const room = await observeRoom(context.client, declared.room);
  const isOurs = room !== undefined && isOfThisStack(context, room, declaration);
  const running = isOurs
    ? await observeRunning(context, declared.room, declaration.urn)
    : ({ is: "absent" } as const);
  const claimantOf = (one: Recording) => claimantIn(context, declared, one);
  const vendor = declared.vendor ?? room?.vendor ?? "";
  const mayAdopt = running.is === "known" && running.value.length > 0;
  const gap = mayAdopt ? await layoutGap(context.client, { room: declared.room, vendor }) : undefined;
  const followsLayout = mayAdopt && gap === undefined;
  return { room, running, ...decideStart({ id, declared, room, running, followsLayout, claimantOf }) };
}

/**
 * Which resource manages a recording of the declared one's room: it has it in state, or declares one like it. Who else
 * declares the same is a duplicate, which {@link assertDeclaredOnce} rejects.
 */
function claimantIn(
  { declarations }: Pick<RecordingContext, "declarations">,
  declared: RecordingInputs,
  one: Recording,
): string | undefined {
  const { room } = declared;
  const key = recordingKey({ ...one, room });
  const isSame = key === recordingKey({ ...declared });
  const declaring = key === undefined || isSame ? undefined : declarations.declaring(key);
  return declarations.claimant(one.recording) ?? (declaring && `${room}/${declaring.name}`);
}

/** Whether a room is this stack's: by its ownership tag, or where rooms have no place for one, by its declaration. */
function isOfThisStack(
  { client, config, rooms }: RecordingContext,
  { room, owner, vendor }: Room,
  declaration: Declaration,
): boolean {
  if (config.ownerMark === false) return false;
  const hasTag = client.traits(vendor).persistentRooms?.tagPlace !== null;
  return hasTag ? isOfStack(owner, stackTag(declaration)) : rooms.ofId(room) !== undefined;
}

/** Rejects a duplicate declaration: the engine checks some resources of a program while it creates others. */
export function assertDeclaredOnce(
  { declarations }: Pick<RecordingContext, "declarations">,
  declared: RecordingInputs,
): void {
  if (!declarations.isConflicting(recordingKey({ ...declared }) ?? "")) return;
  throw new RtcError("INVALID_ARGUMENT", duplicateRecording(declared.room), { vendor: declared.vendor });
}
