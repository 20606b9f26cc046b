import {
  type Capability,
  DEFAULT_LAYOUT,
  invalid,
  outsideRoot,
  parse,
  type Recording,
  type RecordingAdapter,
  RtcError,
  recordingInput,
  recordingListInput,
  recordingOutputProblem,
  recordingUpdateInput,
  roomId,
  roomNameProblem,
  type VendorAdapter,
} from "../contract";
import type { Target } from "./resolve";
import { type LocalContext, requireRoom } from "./rooms";
import { SharedReads } from "./shared-reads";
import type { RtcClient } from "./types";

/** The `recording` part of a client. */
export function recordingsOf({ config, vendors, resolver }: LocalContext): RtcClient["recording"] {
  const reads = new SharedReads<Recording>();

  /** A recording id has the form of a room id. */
  function locate(recording: string, capability: Capability) {
    const { adapter, ref } = resolver.resolveLocally(recording, capability);
    return { recordings: recordingsAt(adapter), vendor: ref.vendor, region: ref.region, id: ref.name };
  }

  return {
    async start(input) {
      const asked = parse(recordingInput, input, "the recording");
      const {
        layout = DEFAULT_LAYOUT,
        audioOnly = false,
        outputUri = config.recordingOutput,
        vendor,
        metadata: _,
      } = asked;
      const target = await resolver.resolve(asked.room, "rtc.recording.start", vendor);
      const problem =
        asked.outputUri === undefined ? recordingOutputProblem(outputUri, audioOnly) : undefined;
      if (outputUri === undefined || problem !== undefined)
        throw new RtcError("NOT_CONFIGURED", `outputUri: ${problem}`, { vendor });
      const outside = asked.outputUri && outsideRoot(asked.outputUri, config.recordingOutput);
      if (outside) throw invalid("the recording", [{ path: "outputUri", message: outside }]);
      const unrecordable = roomNameProblem(target.ref.name);
      if (unrecordable) throw invalid("the recording", [{ path: "room", message: unrecordable }]);
      const recording = { layout, audioOnly, outputUri };
      vendors.route({ needs: ["rtc.recording.start"], ...target.ref, recording });
      await requireRoom(target);
      const recordings = recordingsAt(target.adapter);
      await assertRecordable(target, recordings);
      return recordings.start({ ...target.ref, layout, audioOnly, outputUri });
    },
    async stop(recording) {
      const { recordings, region, id } = locate(recording, "rtc.recording.stop");
      return recordings.stop(region, id);
    },
    async get(recording) {
      const { recordings, vendor, region, id } = locate(recording, "rtc.recording.get");
      const found = await recordings.get(region, id);
      if (found) return found;
      const message = `there is no recording ${recording}, or it has expired at the vendor`;
      throw new RtcError("NOT_FOUND", message, { vendor });
    },
    async find(recording, { shared = false } = {}) {
      const { recordings, region, id } = locate(recording, "rtc.recording.get");
      const list = () => recordings.list(region, { active: false });
      const listed = shared
        ? await reads.find(recording.slice(0, -id.length), recording, list, idOf)
        : undefined;
      // A listing may be truncated, so a missing recording is read.
      return listed ?? recordings.get(region, id);
    },
    async list(options = {}) {
      const { room, active } = parse(recordingListInput, options, "the list");
      if (room !== undefined) {
        const { adapter, ref } = await resolver.resolve(room, "rtc.recording.list");
        return { items: await recordingsAt(adapter).list(ref.region, { room: ref.name, active }) };
      }
      const recorders = vendors.deployments("rtc.recording.list");
      const lists = recorders.map(({ adapter, region }) => recordingsAt(adapter).list(region, { active }));
      const items: Recording[] = (await Promise.all(lists)).flat();
      return { items: items.sort((a, b) => (a.recording < b.recording ? -1 : 1)) };
    },
    async update(recording, input) {
      const { layout } = parse(recordingUpdateInput, input, "the update");
      const { recordings, region, id } = locate(recording, "rtc.recording.update");
      return recordings.update(region, id, layout);
    },
  };
}

/** Rejects a recording that the vendor cannot start, or not stop alone. @throws ROOM_EMPTY, ALREADY_EXISTS */
async function assertRecordable({ adapter, ref }: Target, recordings: RecordingAdapter): Promise<void> {
  const { vendor } = adapter;
  if (recordings.onlyWhileOccupied && (await adapter.listParticipants(ref)).length === 0) {
    const message = `room ${roomId(ref)} is empty, and ${vendor} records a room only while participants are in it: start the recording once a participant has joined`;
    throw new RtcError("ROOM_EMPTY", message, { vendor });
  }
  if (!recordings.stopsByRoom) return;
  const [running] = await recordings.list(ref.region, { room: ref.name, active: true });
  if (!running) return;
  const message = `room ${roomId(ref)} is recorded already (${running.recording}), and a room of ${vendor} has one recording at a time, since a stop ends all of them: stop that one first`;
  throw new RtcError("ALREADY_EXISTS", message, { vendor });
}

function idOf({ recording }: Recording): string {
  return recording;
}

function recordingsAt(adapter: VendorAdapter): RecordingAdapter {
  if (!adapter.recordings)
    throw new RtcError("UNSUPPORTED", `${adapter.vendor} has no recordings`, { vendor: adapter.vendor });
  return adapter.recordings;
}
