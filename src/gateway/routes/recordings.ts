import { DEFAULT_LAYOUT, isLike, type Recording, roomId } from "../../contract";
import { isOf, mayTouch, mayTouchRecording } from "../access";
import { type Call, type GatewayRoute, route } from "../route";
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
      once: true,
      answers: ["Recording"],
    },
    async (call) => {
      const { idempotencyKey: _, ...asked } = call.input;
      mayTouch(call, asked.room);
      return (await begunBefore(call, asked)) ?? call.client.recording.start(asked);
    },
  ),
  route(
    {
      operation: "rtc.recording.stop",
      method: "post",
      path: "/v1/rtc/recording/stop/{recording}",
      summary: "Ask a recording to end; one that the vendor has forgotten is fine",
      input: NOTHING,
      answers: ["Recording", "Done"],
    },
    async (call) => {
      await mayTouchRecording(call, call.id);
      return (await call.client.recording.stop(call.id)) ?? { ok: true };
    },
  ),
  route(
    {
      operation: "rtc.recording.get",
      method: "get",
      path: "/v1/rtc/recording/get/{recording}",
      summary: "A recording",
      input: NOTHING,
      answers: ["Recording"],
    },
    async (call) => {
      await mayTouchRecording(call, call.id);
      return call.client.recording.get(call.id);
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
      if (call.input.room !== undefined) mayTouch(call, call.input.room);
      const { items } = await call.client.recording.list(call.input);
      return { items: items.filter(({ room }) => isOf(call, room)) };
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
      await mayTouchRecording(call, call.id);
      return call.client.recording.update(call.id, call.input);
    },
  ),
];

/**
 * The recording that an earlier attempt at the same request has begun, whose answer was lost: it is the same in what
 * was asked for, and began no earlier.
 */
async function begunBefore(
  { client, resumedFrom }: Pick<Call<unknown>, "client" | "resumedFrom">,
  asked: {
    room: string;
    vendor?: string | undefined;
    layout?: string | undefined;
    audioOnly?: boolean | undefined;
    outputUri?: string | undefined;
  },
): Promise<Recording | undefined> {
  if (resumedFrom === undefined) return undefined;
  const { room, vendor, layout = DEFAULT_LAYOUT, audioOnly = false } = asked;
  const isBare = !client
    .vendors()
    .some((known) => room.startsWith(`${known}:`) || room.startsWith(`${known}@`));
  const place = vendor !== undefined && isBare ? roomId({ vendor, region: null, name: room }) : room;
  const { items } = await client.recording.list({ room: place, active: true });
  const since = new Date(Math.floor(resumedFrom.getTime() / 1_000) * 1_000).toISOString();
  return items.find((one) => {
    const { startedAt, outputUri = "" } = one;
    const began = startedAt === undefined || new Date(startedAt).toISOString() >= since;
    // The vendor tells the file's whole name, where a folder may have been asked for.
    return began && isLike(one, { layout, audioOnly, outputUri: asked.outputUri ?? outputUri });
  });
}
