import { type Recording, RtcError } from "../../contract";
import type { RecordingContext } from "./recording";

/** How long a start is watched for a failure at once. */
const SETTLE_MS = 2_000;
const START_PROGRESS_MS = 3_000;
/** How often a recording is looked at that is waited for. */
export const LOOK_EVERY_MS = 500;

type Waiting = Pick<RecordingContext, "client" | "clock" | "say">;

/** Tells that something still goes on, every few seconds until it ends. */
export async function showing(
  { clock, say }: Waiting,
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
    say("progress", `${what}, ${waited / 1000} s of at most 25`, urn);
  }
}

/** The recording once it is active, or has not failed for a moment: a room with nobody in it stays `starting`. */
export async function settled({ client, clock }: Waiting, started: Recording): Promise<Recording> {
  const until = clock.now() + SETTLE_MS;
  let live = started;
  while (live.status === "starting" && clock.now() < until) {
    await clock.sleep(LOOK_EVERY_MS);
    // The vendor has accepted it: a look that fails must not lose it.
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
