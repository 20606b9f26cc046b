import { assertRecordingAllowed, assertRoomAllowed, isAllowed, outputOf } from "../../middleware/access";
import {
  readRecording,
  recordObservation,
  recordObservations,
  startRecording,
} from "../../services/recording-service";
import { type GatewayRoute, route } from "../route";
import { INPUTS, NOTHING } from "../schemas";

/** The routes of recordings. */
export const recordings: readonly GatewayRoute[] = [
  route(
    {
      operation: "rtc.recording.start",
      method: "post",
      path: "/v1/rtc/recording/start",
      summary: "Start a recording of a room that is there",
      input: INPUTS.RecordingInput,
      isIdempotent: true,
      answers: ["Recording"],
    },
    async (call) => {
      const { idempotencyKey: _, ...asked } = call.input;
      assertRoomAllowed(call, asked.room);
      return startRecording(call, { ...asked, outputUri: outputOf(call, asked.outputUri) });
    },
  ),
  route(
    {
      operation: "rtc.recording.stop",
      method: "post",
      path: "/v1/rtc/recording/stop/{recording}",
      summary: "Ask a recording to end; one that has expired at the vendor is fine",
      input: NOTHING,
      answers: ["Recording", "Done"],
    },
    async (call) => {
      await assertRecordingAllowed(call, call.id);
      const stopped = await call.client.recording.stop(call.id);
      return stopped ? recordObservation(call, stopped) : { ok: true };
    },
  ),
  route(
    {
      operation: "rtc.recording.get",
      method: "get",
      path: "/v1/rtc/recording/get/{recording}",
      summary: "A recording; one that was started here and has expired at the vendor is the last observation",
      input: NOTHING,
      answers: ["Recording"],
    },
    async (call) => {
      await assertRecordingAllowed(call, call.id);
      return readRecording(call, call.id);
    },
  ),
  route(
    {
      operation: "rtc.recording.list",
      method: "get",
      path: "/v1/rtc/recording/list",
      summary: "The recordings that the vendors know, of one room or of all",
      input: INPUTS.RecordingListInput,
      answers: ["RecordingList"],
    },
    async (call) => {
      if (call.input.room !== undefined) assertRoomAllowed(call, call.input.room);
      const { items } = await call.client.recording.list(call.input);
      return {
        items: await recordObservations(
          call,
          items.filter(({ room }) => isAllowed(call, room)),
        ),
      };
    },
  ),
  route(
    {
      operation: "rtc.recording.update",
      method: "post",
      path: "/v1/rtc/recording/update/{recording}",
      summary: "Change the layout of a recording that has not ended",
      input: INPUTS.RecordingUpdateInput,
      answers: ["Recording"],
    },
    async (call) => {
      await assertRecordingAllowed(call, call.id);
      const updated = await call.client.recording.update(call.id, call.input);
      await call.recordings.setLayout(updated.recording, call.input.layout);
      return recordObservation(call, updated);
    },
  ),
];
