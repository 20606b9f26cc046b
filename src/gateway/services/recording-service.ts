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

/** How often a recording is started that somebody else takes, before it is given up. */
const TRIES = 5;

/**
 * Starts a recording and keeps it as that of its request. An earlier attempt at the same request, whose answer was
 * lost, may have started one already: then that one, unless it is known to be another's.
 */
export async function started(call: Starting, asked: RecordingInput): Promise<Recording> {
  const { client, recordings } = call;
  const { metadata } = asked;
  const start = { request: call.request ?? randomUUID(), startedBy: call.principal.id };
  const claimed = async (one: Recording): Promise<Recording | undefined> => {
    const recording = metadata ? { ...one, metadata } : one;
    return (await recordings.claim({ ...start, recording }, Date.now())) ? recording : undefined;
  };
  let since = call.resumedFrom;
  for (let tries = 0; tries < TRIES; tries++) {
    if (since !== undefined) {
      const own = await recordings.startedFor(start.request);
      if (own) return own;
      for (const one of await begunSince(call, asked, since)) {
        const ours = await claimed(one);
        if (ours) return ours;
      }
    }
    since = new Date();
    const fresh = await client.recording.start(asked);
    try {
      const ours = await claimed(fresh);
      if (ours) return ours;
    } catch (error) {
      // What cannot be kept would go on with nobody to know it.
      await client.recording.stop(fresh.recording).catch(() => {});
      throw error;
    }
    // An attempt at another request has taken it for its own; what it had started itself may be there instead.
  }
  throw new RtcError("UNAVAILABLE", "others have taken each recording that was started: try again");
}

/** What a vendor has told, which is kept for how it was seen last, with what the gateway knows beside. */
export function allSeen({ recordings }: Pick<Asking, "recordings">, told: Recording[]): Promise<Recording[]> {
  return recordings.see(told, Date.now());
}

/** The same of one recording. */
export async function seen(asking: Pick<Asking, "recordings">, told: Recording): Promise<Recording> {
  const [known = told] = await allSeen(asking, [told]);
  return known;
}

/** A recording as it is, or where the vendor has forgotten it as it was seen last. @throws NOT_FOUND */
export async function shown(asking: Asking, id: string): Promise<Recording> {
  try {
    return await seen(asking, await asking.client.recording.get(id));
  } catch (error) {
    const isForgotten = RtcError.isInstance(error) && error.code === "NOT_FOUND";
    const last = isForgotten ? await lastSeen(asking, id) : undefined;
    if (!last) throw error;
    return { ...expired(last), unverified: true };
  }
}

/** A recording as it was seen last; undefined where it was not started here, or too long ago. */
export async function lastSeen({ client, recordings }: Asking, id: string): Promise<Recording | undefined> {
  const vendor = parseRoomId(id, client.vendors())
    ? undefined
    : client.route({ needs: ["rtc.recording.get"] });
  return recordings.find(vendor === undefined ? id : roomId({ vendor, region: null, name: id }));
}

/** What has begun since then, goes on, and is the same in what was asked for. */
async function begunSince({ client }: Asking, asked: RecordingInput, since: Date): Promise<Recording[]> {
  const { room, vendor, layout = DEFAULT_LAYOUT, audioOnly = false } = asked;
  const isBare = parseRoomId(room, client.vendors()) === null;
  const place = vendor !== undefined && isBare ? roomId({ vendor, region: null, name: room }) : room;
  const { items } = await client.recording.list({ room: place, active: true });
  const second = new Date(Math.floor(since.getTime() / 1_000) * 1_000).toISOString();
  return items.filter((one) => {
    const { startedAt, outputUri = "" } = one;
    const began = startedAt === undefined || new Date(startedAt).toISOString() >= second;
    // The vendor tells the file's whole name, where a folder may have been asked for.
    return began && isLike(one, { layout, audioOnly, outputUri: asked.outputUri ?? outputUri });
  });
}
