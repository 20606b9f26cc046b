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
} from "../../contract";
import type { Call } from "../http/route";

type Asking = Pick<Call<unknown>, "client" | "recordings">;
type Starting = Asking & Pick<Call<unknown>, "principal" | "request" | "resumedFrom">;

/** How often a recording is started again after another request has claimed it. */
const TRIES = 5;

/**
 * Starts a recording and stores it for its request. An earlier attempt at the same request, whose answer was lost, may
 * have started one already: then returns that one, unless another request has claimed it.
 */
export async function startRecording(call: Starting, asked: RecordingInput): Promise<Recording> {
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
export function recordObservations(
  { recordings }: Pick<Asking, "recordings">,
  observed: Recording[],
): Promise<Recording[]> {
  return recordings.observe(observed, Date.now());
}

/** {@link recordObservations} of one recording. */
export async function recordObservation(
  asking: Pick<Asking, "recordings">,
  observed: Recording,
): Promise<Recording> {
  const [known = observed] = await recordObservations(asking, [observed]);
  return known;
}

/** The live recording, or the last observation where it has expired at the vendor. @throws NOT_FOUND */
export async function readRecording(asking: Asking, id: string): Promise<Recording> {
  try {
    return await recordObservation(asking, await asking.client.recording.get(id));
  } catch (error) {
    const hasExpired = RtcError.isInstance(error) && error.code === "NOT_FOUND";
    const last = hasExpired ? await lastObservation(asking, id) : undefined;
    if (!last) throw error;
    return { ...expired(last), unverified: true };
  }
}

/** The last observation of a recording; undefined where it was not started here, or too long ago. */
export async function lastObservation(
  { client, recordings }: Asking,
  id: string,
): Promise<Recording | undefined> {
  const vendor = parseRoomId(id, client.vendors())
    ? undefined
    : client.route({ needs: ["rtc.recording.get"] });
  return recordings.find(vendor === undefined ? id : roomId({ vendor, region: null, name: id }));
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
