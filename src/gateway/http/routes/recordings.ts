import { randomUUID } from "node:crypto";
import {
  DEFAULT_LAYOUT,
  expired,
  isLike,
  parseRoomId,
  type Recording,
  type RecordingInput,
  RtcError,
  roomId,
} from "../../../contract";
import { assertRoomAllowed, isAllowed, lastObservation, outputOf } from "../../middleware/access";
import type { Answering } from "../context";
import { type GatewayRoute, route } from "../route";
import { INPUTS, NOTHING } from "../schemas";

type Asking = Pick<Answering, "client" | "recordings">;

/** The routes of recordings. */
export const recordings: readonly GatewayRoute[] = [
  route(
    "rtc.recording.start",
    {
      method: "post",
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
    "rtc.recording.stop",
    {
      method: "post",
      names: "recording",
      summary: "Ask a recording to end; one that has expired at the vendor is fine",
      input: NOTHING,
      answers: ["Recording", "Done"],
    },
    async (call) => {
      const stopped = await call.client.recording.stop(call.id);
      return stopped ? recordObservation(call, stopped) : { ok: true };
    },
  ),
  route(
    "rtc.recording.get",
    {
      method: "get",
      names: "recording",
      summary: "A recording; one that was started here and has expired at the vendor is the last observation",
      input: NOTHING,
      answers: ["Recording"],
    },
    (call) => readRecording(call, call.id),
  ),
  route(
    "rtc.recording.list",
    {
      method: "get",
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
    "rtc.recording.update",
    {
      method: "post",
      names: "recording",
      summary: "Change the layout of a recording that has not ended",
      input: INPUTS.RecordingUpdateInput,
      answers: ["Recording"],
    },
    async (call) => {
      const updated = await call.client.recording.update(call.id, call.input);
      await call.recordings.setLayout(updated.recording, call.input.layout);
      return recordObservation(call, updated);
    },
  ),
];

/** How often a recording is started again after another request has claimed it. */
const TRIES = 5;

/**
 * Starts a recording and stores it for its request. An earlier attempt at the same request, whose answer was lost, may
 * have started one already: then returns that one, unless another request has claimed it.
 */
async function startRecording(call: Answering, asked: RecordingInput): Promise<Recording> {
  const { client, recordings } = call;
  const { metadata } = asked;
  const start = { request: call.request ?? randomUUID(), startedBy: call.principal.id };
  const claim = async (one: Recording): Promise<Recording | undefined> => {
    const recording = metadata ? { ...one, metadata } : one;
    return (await recordings.claim({ ...start, recording }, Date.now())) ? recording : undefined;
  };
  let since = call.resumedFrom;
  for (let tries = 0; tries < TRIES; tries++) {
    if (since !== undefined) {
      const own = await recordings.findByRequest(start.request);
      if (own) return own;
      for (const one of await findStartedSince(call, asked, since)) {
        const ours = await claim(one);
        if (ours) return ours;
      }
    }
    since = new Date();
    const fresh = await client.recording.start(asked);
    try {
      const ours = await claim(fresh);
      if (ours) return ours;
    } catch (error) {
      // A recording that cannot be stored would be orphaned.
      await client.recording.stop(fresh.recording).catch(() => {});
      throw error;
    }
    // An attempt at another request has claimed it; the recording of that request may still be unclaimed.
  }
  throw new RtcError("UNAVAILABLE", "other requests have claimed each started recording: try again");
}

/** Stores observations of recordings, and returns them with their metadata. */
function recordObservations(
  { recordings }: Pick<Asking, "recordings">,
  observed: Recording[],
): Promise<Recording[]> {
  return recordings.observe(observed, Date.now());
}

/** {@link recordObservations} of one recording. */
async function recordObservation(
  asking: Pick<Asking, "recordings">,
  observed: Recording,
): Promise<Recording> {
  const [known = observed] = await recordObservations(asking, [observed]);
  return known;
}

/** The live recording, or the last observation where it has expired at the vendor. @throws NOT_FOUND */
async function readRecording(asking: Asking, id: string): Promise<Recording> {
  try {
    return await recordObservation(asking, await asking.client.recording.get(id));
  } catch (error) {
    const hasExpired = RtcError.isInstance(error) && error.code === "NOT_FOUND";
    const last = hasExpired ? await lastObservation(asking, id) : undefined;
    if (!last) throw error;
    return { ...expired(last), unverified: true };
  }
}

/** The running recordings that began since then and match the request. */
async function findStartedSince(
  { client }: Asking,
  asked: RecordingInput,
  since: Date,
): Promise<Recording[]> {
  const { room, vendor, layout = DEFAULT_LAYOUT, audioOnly = false } = asked;
  const isBare = parseRoomId(room, client.vendors()) === null;
  const where = vendor !== undefined && isBare ? roomId({ vendor, region: null, name: room }) : room;
  const { items } = await client.recording.list({ room: where, active: true });
  const second = new Date(Math.floor(since.getTime() / 1_000) * 1_000).toISOString();
  return items.filter((one) => {
    const { startedAt, outputUri = "" } = one;
    const began = startedAt === undefined || new Date(startedAt).toISOString() >= second;
    // The vendor reports the file's whole name, where the request may name a folder.
    return began && isLike(one, { layout, audioOnly, outputUri: asked.outputUri ?? outputUri });
  });
}
