import { RtcError } from "../../contract";
import { exchange, type HttpAnswer, retryAfterSeconds } from "../../support/http";

/** ListRooms has no pages: some 500 rooms with all the metadata that a room can have, or many thousands with a little. */
const LISTING_BYTES = 32 * 2 ** 20;

/** An answer with which LiveKit, or something before it, refuses a call. https://twitchtv.github.io/twirp/docs/errors.html */
export class RefusedCall extends Error {
  readonly status: number;
  /** Twirp's own; absent for the answer of something else. */
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, headers, text }: HttpAnswer) {
    const { code, message } = twirpError(text);
    super(message);
    this.name = "RefusedCall";
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds(headers);
  }
}

/** How a call is sent. */
export interface Sending {
  origin: string;
  seconds: number;
  /** The same for each try of a call, by which LiveKit may know it again. */
  requestId: string;
}

/**
 * A client of the SDK's that sends its calls through `exchange`: the SDK's own way bounds neither the answer's
 * size nor the time for its body, and keeps Retry-After to itself. The SDK offers no place for this, so that its
 * member `rpc` is taken.
 *
 * @throws INTERNAL where this version of the SDK has no such member
 */
export function sendingBy<Client extends object>(sending: Sending, client: Client): Client {
  const rpc: unknown = Reflect.get(client, "rpc");
  if (typeof rpc !== "object" || rpc === null || !("request" in rpc)) {
    const message = "livekit: livekit-server-sdk is not as pulumi-rtc knows it: install version 2.19.2 of it";
    throw new RtcError("INTERNAL", message, { vendor: "livekit" });
  }
  const request = (service: string, method: string, data: unknown, headers: Record<string, string>) =>
    send(sending, `/twirp/livekit.${service}/${method}`, data, headers);
  Reflect.set(client, "rpc", { request });
  return client;
}

/** A call in Twirp's JSON. */
async function send(
  { origin, seconds, requestId }: Sending,
  path: string,
  data: unknown,
  headers: Record<string, string>,
): Promise<unknown> {
  const answer = await exchange({
    method: "POST",
    url: origin + path,
    headers: {
      "content-type": "application/json",
      "x-livekit-request-id": requestId,
      ...headers,
    },
    body: JSON.stringify(data),
    seconds,
    ...(/\/List\w+$/.test(path) ? { maxBytes: LISTING_BYTES } : {}),
  });
  if (answer.status < 200 || answer.status >= 300) throw new RefusedCall(answer);
  return JSON.parse(answer.text);
}

function twirpError(text: string): { code?: string; message: string } {
  try {
    const { code, msg } = JSON.parse(text);
    if (typeof msg === "string") return { message: msg, ...(typeof code === "string" ? { code } : {}) };
  } catch {
    // It is somebody else's answer, in words.
  }
  return { message: text };
}
