import { isEnded, type Recording, type RecordingAdapter, RtcError } from "../../src/contract/index.ts";
import type { MemoryVendor } from "./memory.ts";
import { withoutRecorder } from "./memory-adapter.ts";
import type { Saboteur } from "./saboteurs.ts";

/** A saboteur of what an adapter does with recordings. */
function recordingsThat(
  caughtBy: string,
  sabotage: (good: RecordingAdapter, vendor: MemoryVendor) => Partial<RecordingAdapter>,
): Saboteur {
  return {
    caughtBy,
    adapter: ({ recordings: good }, vendor) =>
      good ? { recordings: { ...good, ...sabotage(good, vendor) } } : {},
  };
}

/** A saboteur that shows recordings otherwise than they are. */
function recordsThat(
  caughtBy: string,
  change: (record: Recording, vendor: MemoryVendor) => Recording,
): Saboteur {
  return recordingsThat(caughtBy, (good, vendor) => ({
    get: async (...one) => {
      const found = await good.get(...one);
      return found && change(found, vendor);
    },
    list: async (...some) => (await good.list(...some)).map((record) => change(record, vendor)),
  }));
}

/** By what is wrong with them. */
export const recordingSaboteurs: Record<string, Saboteur> = {
  "starts again when an answer is lost": recordingsThat(
    "starts no second recording when the answer to a start is lost",
    (good, vendor) => ({
      start: async (spec) => {
        const lost = vendor.recorder.losesNextAnswer;
        const started = await good.start(spec);
        return lost ? good.start(spec) : started;
      },
    }),
  ),
  "does not find a running recording": recordingsThat(
    "completes a run that was killed after the start in the next run",
    (good) => ({ list: async (region, options) => (options.active ? [] : good.list(region, options)) }),
  ),
  "ignores audioOnly and reports it as applied": recordingsThat(
    "starts a declared recording once, which waits until a participant publishes",
    (good) => ({
      start: async (spec) => ({ ...(await good.start({ ...spec, audioOnly: false })), audioOnly: true }),
    }),
  ),
  "drops the file of a recording": recordsThat(
    "ends with its room, and stays in the state with its file, also when it has expired",
    ({ files, ...record }) => record,
  ),
  "calls an ended one active": recordsThat(
    "ends with its room, and stays in the state with its file, also when it has expired",
    (record) => (isEnded(record.status) ? { ...record, status: "active" } : record),
  ),
  "repeats a storage key that the recorder received": recordsThat(
    "reports what the storage rejects without its keys",
    (record, { storageKey }) => {
      const { error } = record;
      return error === undefined ? record : { ...record, error: error.replace("[redacted]", storageKey) };
    },
  ),
  "shows a recording that changes by itself": recordsThat(
    "starts a declared recording once, which waits until a participant publishes",
    (record, { calls }) => ({ ...record, startedAt: new Date(calls.length).toISOString() }),
  ),
  "fails to stop what has ended": recordingsThat(
    "accepts a second stop, and the stop of an absent recording",
    (good, { recorder }) => ({
      stop: async (region, id) => {
        const status = recorder.recordings.get(id)?.status ?? "complete";
        if (isEnded(status)) throw new RtcError("VENDOR_ERROR", `it is ${status} and cannot be stopped`);
        return good.stop(region, id);
      },
    }),
  ),
  "does not stop": recordingsThat("ends a stopped recording with its file", (good) => ({
    stop: (region, id) => good.get(region, id),
  })),
  "lists every room's recordings, whichever was asked for": recordingsThat(
    "lists the recordings of one room, or of all",
    (good) => ({ list: (region, { active }) => good.list(region, { active }) }),
  ),
  "takes an expired recording for a failed one": recordingsThat(
    "takes a recording that expired before any read for ended, with an unknown result",
    (good) => ({
      get: async (...one) => {
        const found = await good.get(...one);
        if (!found) throw new RtcError("NOT_FOUND", "there is no such recording");
        return found;
      },
    }),
  ),
  "takes a failed recording for an expired one": recordingsThat(
    "does not take a recording for ended when the vendor does not answer",
    (good) => ({
      get: (...one) => good.get(...one).catch(() => undefined),
      list: (...some) => good.list(...some).catch(() => []),
    }),
  ),
  "claims to record, and does not": {
    caughtBy: "starts a declared recording once, which waits until a participant publishes",
    adapter: () => ({ recordings: undefined }),
  },
  "records although it advertises that it cannot": {
    caughtBy: "a recording is rejected",
    adapter: withoutRecorder,
    client: (good, vendor) => ({
      recording: {
        ...good.recording,
        start: async (input) => {
          vendor.call("startRecording");
          return good.recording.start(input);
        },
      },
    }),
  },
};
