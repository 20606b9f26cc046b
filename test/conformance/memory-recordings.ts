import { isEnded, type Recording, type RecordingAdapter, RtcError } from "../../src/contract/index.ts";
import { redact } from "../../src/support/redact.ts";
import type { MemoryVendor } from "./memory.ts";
import type { StoredRecording } from "./memory-recorder.ts";

/** The recordings of the vendor in memory, done right. */
export function memoryRecordings(vendor: MemoryVendor): RecordingAdapter {
  const { recorder } = vendor;
  const known = (region: string | null, id: string): StoredRecording | undefined => {
    const found = recorder.recordings.get(id);
    return found?.region === region ? found : undefined;
  };
  const record = (one: StoredRecording): Recording => {
    const { error, ...rest } = recorder.read(one);
    return error === undefined ? rest : { ...rest, error: redact(error, [vendor.storageKey]) };
  };
  return {
    onlyWhileOccupied: false,
    stopsByRoom: false,
    badSettings: () => ({}),
    async start(spec) {
      vendor.call("startRecording");
      await recorder.answersAfter;
      const room = vendor.room(spec);
      if (!room) throw new RtcError("NOT_FOUND", `there is no room ${spec.name}`, { vendor: "memory" });
      const started = recorder.begin(spec, room.sid);
      if (room.inside.some(({ publishes }) => publishes)) recorder.published(spec);
      if (recorder.losesNextAnswer) {
        recorder.losesNextAnswer = false;
        vendor.call("listRecordings"); // did it begin? It did.
      }
      return record(started);
    },
    async stop(region, id) {
      vendor.call("stopRecording");
      const found = known(region, id);
      if (found) recorder.stop(found);
      return found && record(found);
    },
    async get(region, id) {
      vendor.call("getRecording");
      const found = known(region, id);
      return found && record(found);
    },
    async list(region, { room, active }) {
      vendor.call("listRecordings");
      return [...recorder.recordings.values()]
        .filter((one) => one.region === region && (room === undefined || one.name === room))
        .map((one) => record(one))
        .filter(({ status }) => !(active && isEnded(status)));
    },
    async update(region, id, layout) {
      vendor.call("updateRecording");
      const found = known(region, id);
      if (!found) throw new RtcError("NOT_FOUND", `there is no recording ${id}`, { vendor: "memory" });
      found.layout = layout;
      return record(found);
    },
  };
}
