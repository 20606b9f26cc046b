import { z } from "zod";
import { RtcError } from "../../contract";
import { exchange, type HttpAnswer, parseJson, retryAfterSeconds } from "../../support/http";

/** ListRooms has no pages: some 500 rooms with the longest metadata, or many thousands with short metadata. */
const LISTING_BYTES = 32 * 2 ** 20;

const MOST_PAGES = 1_000;

/** A listing that ends in the middle names the next page. Servers of LiveKit 1.9 and 1.13 have none, the protocol has. */
const pageSchema = z.object({
  items: z.array(z.unknown()).optional(),
  next_page_token: z.object({ token: z.string() }).optional().catch(undefined),
});

const twirpErrorSchema = z.object({
  code: z.string().optional().catch(undefined),
  msg: z.string().optional(),
});

/** An error answer of LiveKit, or of a proxy. https://twitchtv.github.io/twirp/docs/errors.html */
export class RejectedCall extends Error {
  readonly status: number;
  /** Twirp's code; absent in an answer of a proxy. */
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, headers, text }: HttpAnswer) {
    const { code, message } = twirpError(text);
    super(message);
    this.name = "RejectedCall";
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds(headers);
  }
}

/** How a call is sent. */
export interface Sending {
  endpoint: string;
  seconds: number;
  /** The same for each try of a call. */
  requestId: string;
}

/**
 * A client of the SDK that sends its calls through `exchange`: the SDK limits neither the answer's size nor the time for
 * its body, and drops Retry-After. It has no option for this, so its member `rpc` is replaced.
 *
 * @throws INTERNAL where this version of the SDK has no such member
 */
export function sendingBy<Client extends object>(sending: Sending, client: Client): Client {
  const rpc: unknown = Reflect.get(client, "rpc");
  if (typeof rpc !== "object" || rpc === null || !("request" in rpc)) {
    const message =
      "livekit: livekit-server-sdk is not of a version that pulumi-rtc supports: install version 2.19.2 of it";
    throw new RtcError("INTERNAL", message, { vendor: "livekit" });
  }
  const request = (service: string, method: string, data: unknown, headers: Record<string, string>) =>
    (method === "ListEgress" ? sendForAll : send)(
      sending,
      `/twirp/livekit.${service}/${method}`,
      data,
      headers,
    );
  Reflect.set(client, "rpc", { request });
  return client;
}

/** A listing of all pages, which the SDK would end after the first. */
async function sendForAll(
  sending: Sending,
  path: string,
  data: unknown,
  headers: Record<string, string>,
): Promise<unknown> {
  const items: unknown[] = [];
  const seen = new Set<string>();
  let asked = data;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const answer = await send(sending, path, asked, headers);
    const page = pageSchema.safeParse(answer);
    // The SDK reports what is no listing.
    if (!page.success) return answer;
    items.push(...(page.data.items ?? []));
    const token = page.data.next_page_token?.token ?? "";
    if (token === "" || seen.has(token)) return { items };
    seen.add(token);
    asked = { ...(typeof data === "object" ? data : {}), pageToken: { token } };
  }
  const message = `livekit ListEgress: the listing has more than ${MOST_PAGES} pages`;
  throw new RtcError("VENDOR_ERROR", message, { vendor: "livekit", operation: "ListEgress" });
}

/** A call in Twirp's JSON. */
async function send(
  { endpoint, seconds, requestId }: Sending,
  path: string,
  data: unknown,
  headers: Record<string, string>,
): Promise<unknown> {
  const answer = await exchange({
    method: "POST",
    url: endpoint + path,
    headers: {
      "content-type": "application/json",
      "x-livekit-request-id": requestId,
      ...headers,
    },
    body: JSON.stringify(data),
    seconds,
    ...(/\/List\w+$/.test(path) ? { maxBytes: LISTING_BYTES } : {}),
  });
  if (answer.status < 200 || answer.status >= 300) throw new RejectedCall(answer);
  const parsed = parseJson(answer.text);
  if (parsed === undefined) throw new SyntaxError("the answer is no JSON, or nested too deeply");
  return parsed;
}

function twirpError(text: string): { code?: string; message: string } {
  const { code, msg } = twirpErrorSchema.catch({}).parse(parseJson(text));
  // Else it is a proxy's answer, as text.
  return msg === undefined ? { message: text } : { message: msg, ...(code === undefined ? {} : { code }) };
}
