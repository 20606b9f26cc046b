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
  "starts again where an answer was lost": recordingsThat(
    "an answer that was lost after the start does not make a second one",
    (good, vendor) => ({
      start: async (spec) => {
        const lost = vendor.recorder.losesNextAnswer;
        const started = await good.start(spec);
        return lost ? good.start(spec) : started;
      },
    }),
  ),
  "does not see what runs already": recordingsThat(
    "a run that was killed after the start is completed by the next",
    (good) => ({ list: async (region, options) => (options.active ? [] : good.list(region, options)) }),
  ),
  "ignores audioOnly and reports that it did not": recordingsThat(
    "a declared recording is started once, and waits until a participant publishes",
    (good) => ({
      start: async (spec) => ({ ...(await good.start({ ...spec, audioOnly: false })), audioOnly: true }),
    }),
  ),
  "forgets the file of a recording": recordsThat(
    "it ends with its room, and then is history with its file, also when it has expired",
    ({ files, ...record }) => record,
  ),
  "calls an ended one active": recordsThat(
    "it ends with its room, and then is history with its file, also when it has expired",
    (record) => (isEnded(record.status) ? { ...record, status: "active" } : record),
  ),
  "repeats a storage key that the recorder received": recordsThat(
    "what the storage rejects is reported without its keys",
    (record, { storageKey }) => {
      const { error } = record;
      return error === undefined ? record : { ...record, error: error.replace("[redacted]", storageKey) };
    },
  ),
  "shows a recording that changes by itself": recordsThat(
    "a declared recording is started once, and waits until a participant publishes",
    (record, { calls }) => ({ ...record, startedAt: new Date(calls.length).toISOString() }),
  ),
  "fails to stop what has ended": recordingsThat(
    "stopping twice is fine, and what is not there too",
    (good, { recorder }) => ({
      stop: async (region, id) => {
        const status = recorder.recordings.get(id)?.status ?? "complete";
        if (isEnded(status)) throw new RtcError("VENDOR_ERROR", `it is ${status} and cannot be stopped`);
        return good.stop(region, id);
      },
    }),
  ),
  "does not stop": recordingsThat("what is stopped ends with its file", (good) => ({
    stop: (region, id) => good.get(region, id),
  })),
  "lists every room's recordings, whichever was asked for": recordingsThat(
    "a listing is of one room, or of all",
    (good) => ({ list: (region, { active }) => good.list(region, { active }) }),
  ),
  "takes one that was forgotten for a failure": recordingsThat(
    "one that expired before any read has ended, in an unknown way",
    (good) => ({
      get: async (...one) => {
        const found = await good.get(...one);
        if (!found) throw new RtcError("NOT_FOUND", "there is no such recording");
        return found;
      },
    }),
  ),
  "takes a failure for one that was forgotten": recordingsThat(
    "a recording is not over because the vendor did not answer",
    (good) => ({
      get: (...one) => good.get(...one).catch(() => undefined),
      list: (...some) => good.list(...some).catch(() => []),
    }),
  ),
  "claims to record, and does not": {
    caughtBy: "a declared recording is started once, and waits until a participant publishes",
    adapter: () => ({ recordings: undefined }),
  },
  "tries to record although it reported that it cannot": {
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
