/** An API call that has come by. */
export interface Call {
  /** E.g. `CreateRoom` of LiveKit, or `room.create` of a gateway. */
  readonly method: string;
  /** What was asked, as JSON; of a gateway also what is in its address. */
  readonly body: string;
  /** What the server has answered, once it has. */
  answer?: string;
}

/** The names of the rooms that a LiveKit server was asked to make, once for each call that it has answered. */
export function createdIn(traffic: readonly Call[]): string[] {
  return traffic
    .filter(({ method, answer }) => method === "CreateRoom" && answer !== undefined)
    .map(({ body }) => (JSON.parse(body) as { name: string }).name);
}

/** The call that a request is; undefined where it is none about rooms, their participants or recordings. */
export function callOf(url: string, body: string): Call | undefined {
  const twirp = /^\/twirp\/[\w.]+\/(\w+)/.exec(url)?.[1];
  if (twirp !== undefined) return { method: twirp, body };
  const { pathname, searchParams } = new URL(url, "http://gateway");
  const [, noun, verb, id] = /^\/v1\/rtc\/(\w+)\/(\w+)(?:\/(.+))?$/.exec(pathname) ?? [];
  if (noun === undefined) return undefined;
  const asked = {
    ...(JSON.parse(body || "{}") as object),
    ...Object.fromEntries(searchParams),
    ...(id !== undefined && { [noun === "recording" ? noun : "room"]: decodeURIComponent(id) }),
  };
  return { method: `${noun}.${verb}`, body: JSON.stringify(asked) };
}
