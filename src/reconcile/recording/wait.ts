import { isEnded, type Recording, RtcError } from "../../contract";
import type { RecordingContext } from "./context";
import { observeRecording } from "./observe";
import type { RecordingState } from "./state";

/** How long a start waits for an immediate failure. */
const START_MS = 2_000;
const START_PROGRESS_MS = 3_000;
/** How often a recording is polled. */
const POLL_MS = 500;
/** How long a delete waits for the file to be finished. */
const FINISH_MS = 10 * 60_000;
const PROGRESS_EVERY_MS = 10_000;
/** How long it waits until an end that the answer to the stop has reported is observable. */
const OBSERVABLE_MS = 10_000;

type Waiting = Pick<RecordingContext, "client" | "clock" | "report">;

/** Reports that something still goes on, every few seconds until it ends. */
export async function reportProgress(
  { clock, report }: Waiting,
  what: string,
  urn: string,
  work: Promise<unknown>,
): Promise<void> {
  const ended = work.then(
    () => true,
    () => true,
  );
  for (let waited = 0; !(await Promise.race([ended, clock.sleep(START_PROGRESS_MS).then(() => false)])); ) {
    waited += START_PROGRESS_MS;
    report("progress", `${what}, ${waited / 1000} s`, urn);
  }
}

/** The recording once it is active, or has not failed for a moment: in an empty room it stays `starting`. */
export async function waitUntilStarted({ client, clock }: Waiting, started: Recording): Promise<Recording> {
  const until = clock.now() + START_MS;
  let live = started;
  while (live.status === "starting" && clock.now() < until) {
    await clock.sleep(POLL_MS);
    // The vendor has accepted it: a failed read must not orphan it.
    live = (await client.recording.find(started.recording).catch(() => undefined)) ?? live;
  }
  if (live.status === "failed" || live.status === "aborted") {
    throw new RtcError(
      "VENDOR_ERROR",
      `recording ${live.recording} of room ${live.room} ${live.status} at once: ${live.error ?? "the vendor gives no reason"}`,
    );
  }
  return live;
}

/** A stopped recording, once its file is finished; undefined where it has expired at the vendor before. */
export async function waitUntilEnded(
  context: RecordingContext,
  state: RecordingState,
  stopped: Recording,
  urn: string | undefined,
): Promise<Recording | undefined> {
  if (isEnded(stopped.status)) return waitUntilObserved(context, state, stopped);
  const { clock, report } = context;
  const began = clock.now();
  let live: Recording | undefined = stopped;
  for (let reported = began; live && !isEnded(live.status); live = await lastKnown(context, state)) {
    const waited = clock.now() - began;
    if (waited > FINISH_MS) {
      throw new RtcError(
        "DEADLINE_EXCEEDED",
        `recording ${state.recording} is ${live.status} and its file was not finished within 10 minutes; it stays in the state, so destroy again later`,
      );
    }
    if (clock.now() - reported >= PROGRESS_EVERY_MS) {
      reported = clock.now();
      report("progress", `finishing ${state.recording}, ${Math.round(waited / 1000)} s`, urn);
    }
    await clock.sleep(POLL_MS);
  }
  return live;
}

/**
 * A recording whose end the answer to the stop has reported, once the end is observable: until then a recreated resource
 * would adopt it. Where it is not observable, that answer is the result.
 */
async function waitUntilObserved(
  context: RecordingContext,
  state: RecordingState,
  ended: Recording,
): Promise<Recording> {
  const { clock } = context;
  for (const began = clock.now(); clock.now() - began <= OBSERVABLE_MS; await clock.sleep(POLL_MS)) {
    const live = await lastKnown(context, state).catch(() => undefined);
    if (!live) return ended;
    if (isEnded(live.status)) return live;
  }
  return ended;
}

/** A recording as it is observed; an unobservable one counts as running. */
async function lastKnown(
  { client }: RecordingContext,
  { recording, room }: RecordingState,
): Promise<Recording | undefined> {
  const found = await observeRecording(client, { recording });
  if (found.is === "unobservable") return { recording, room, status: "active" };
  return found.is === "known" ? found.value : undefined;
}
