import {
  orUndefined,
  parse,
  type Recording,
  recordingInput,
  recordingListInput,
  recordingUpdateInput,
} from "../contract";
import type { RtcConfig } from "./config";
import { inPath, type Remote } from "./remote-gateway";
import { expiredSchema, listOf, recordingSchema } from "./remote-records";
import type { RtcClient } from "./types";

/** The `recording` part of a client of a gateway. */
export function remoteRecordings(
  { gateway, capabilities }: Remote,
  config: RtcConfig,
): RtcClient["recording"] {
  async function get(recording: string): Promise<Recording> {
    const path = `/v1/rtc/recording/get/${inPath("recording", recording)}`;
    await capabilities.assertAdvertised("rtc.recording.get", recording);
    const call = { capability: "rtc.recording.get", method: "GET", path, repeatable: true } as const;
    return gateway.call(call, recordingSchema);
  }

  return {
    async start(input) {
      const asked = parse(recordingInput, input, "the recording");
      const outputUri = asked.outputUri ?? config.recordingOutput;
      // The key makes a start and its retries idempotent.
      const body = { ...asked, outputUri, idempotencyKey: crypto.randomUUID() };
      const path = "/v1/rtc/recording/start";
      const call = {
        capability: "rtc.recording.start",
        method: "POST",
        path,
        body,
        repeatable: true,
      } as const;
      const started = await gateway.call(call, recordingSchema);
      return started.room === "" ? { ...started, room: asked.room } : started;
    },
    async stop(recording) {
      const path = `/v1/rtc/recording/stop/${inPath("recording", recording)}`;
      const call = { capability: "rtc.recording.stop", method: "POST", path, repeatable: true } as const;
      // A recording that has expired at the vendor is answered without a record.
      return orUndefined(gateway.call(call, recordingSchema.or(expiredSchema)));
    },
    get,
    async find(recording) {
      return orUndefined(get(recording));
    },
    async list(options = {}) {
      const { room, active } = parse(recordingListInput, options, "the list");
      await capabilities.assertAdvertised("rtc.recording.list", room);
      const query = new URLSearchParams({ ...(room === undefined ? {} : { room }), active: String(active) });
      const path = `/v1/rtc/recording/list?${query}`;
      const call = { capability: "rtc.recording.list", method: "GET", path, repeatable: true } as const;
      const { items } = await gateway.call(call, listOf(recordingSchema));
      return { items };
    },
    async update(recording, input) {
      const { layout } = parse(recordingUpdateInput, input, "the update");
      const path = `/v1/rtc/recording/update/${inPath("recording", recording)}`;
      await capabilities.assertAdvertised("rtc.recording.update", recording);
      const body = { layout };
      const call = {
        capability: "rtc.recording.update",
        method: "POST",
        path,
        body,
        repeatable: true,
      } as const;
      return gateway.call(call, recordingSchema);
    },
  };
}
