import { describe, expect, it, vi } from "vitest";
import { type RecordingAdapter, RtcError, type VendorAdapter } from "../../../src/contract/index.ts";
import { report } from "../../support/reliability.ts";
import { type Answer, hurry, hurryDeadlines, type TwirpServer } from "../../support/twirp.ts";
import { API_KEY, API_SECRET, adapterOnTwirp, wireEgress, wireRoom } from "./fixture.ts";

vi.setConfig({ testTimeout: 60_000 }); // a loaded machine is slow

/** By so much the deadlines are shortened where nothing comes in time. */
const HURRY = 10;

const rejection = (status: number, msg: string, headers = {}): Answer => ({
  status,
  headers,
  body: { code: "unavailable", msg: `${msg} for ${API_KEY} ${API_SECRET}` },
});
const long = { name: "hall", metadata: "x".repeat(200) };

const SLOW: Record<string, Answer> = {
  "answers too late": { fault: { kind: "latency", ms: 60_000 } },
  "never answers": "silence",
  "drips its answer": { body: long, fault: { kind: "drip", ms: 20 } },
};

/** How a server fails, and the cause that is reported. */
const FAULTS: Record<string, [Answer, cause: RegExp]> = {
  ...Object.fromEntries(
    Object.entries(SLOW).map(([name, answer]) => [
      name,
      [answer, /did not answer within (\d|9\.\d|10) seconds/],
    ]),
  ),
  "asks to come again in an hour": [
    rejection(429, "slow down", { "retry-after": "3600" }),
    /try again in 3600 seconds: slow down/,
  ],
  "fails with 500": [rejection(500, "boom"), /HTTP 500: boom/],
  "is away with 503": [rejection(503, "shutting down"), /shutting down/],
  "resets the connection": ["cut", /broke off the connection \(ECONNRESET\)/],
  "answers half": [{ body: long, fault: { kind: "truncated" } }, /broke off the connection/],
  "answers half a JSON": [{ body: '{"name":"hal' }, /not JSON: is it a LiveKit server/],
  "answers 100 MB": [
    { fault: { kind: "huge", bytes: 100 * 2 ** 20 } },
    /more than (1|32) MiB: is it a LiveKit server/,
  ],
};

const START = "StartRoomCompositeEgress";
const place = { region: null, name: "hall" };
const recording = { ...place, layout: "speaker", audioOnly: true, outputUri: "s3://acme/hall/" };

interface Subject {
  server: TwirpServer;
  adapter: VendorAdapter;
  recordings: RecordingAdapter;
}

/** Every call of the adapter, by the operation of LiveKit's that goes wrong. */
const OPERATIONS: Record<string, (of: Subject) => Promise<unknown>> = {
  ListRooms: ({ adapter }) => adapter.listRooms(null),
  CreateRoom: ({ adapter }) => adapter.createRoom(place),
  UpdateRoomMetadata: ({ adapter }) => adapter.updateRoom(place, { a: 1 }, undefined),
  DeleteRoom: ({ adapter }) => adapter.deleteRoom(place),
  ListParticipants: ({ adapter }) => adapter.listParticipants(place),
  RemoveParticipant: ({ adapter }) => adapter.kickParticipant(place, "alice"),
  [START]: ({ recordings }) => recordings.start(recording),
  StopEgress: ({ recordings }) => recordings.stop(null, "EG_abc"),
  ListEgress: ({ recordings }) => recordings.get(null, "EG_abc"),
  UpdateLayout: ({ recordings }) => recordings.update(null, "EG_abc", "grid"),
};

describe("a LiveKit server that", () => {
  it.each(Object.entries(FAULTS))(
    "%s fails every call in time, in words that name vendor, operation and cause",
    async (name, [answer, cause]) => {
      hurry();
      if (name in SLOW) hurryDeadlines(HURRY);
      const calls = Object.entries(OPERATIONS).map(async ([operation, run]) => {
        const subject = await adapterOnTwirp();
        subject.server.on(operation, answer);
        const { message, ...error } = await failure(run(subject));
        expect(error, operation).toMatchObject({ vendor: "livekit", operation });
        // The message for a start without an answer is longer.
        const why = operation === START && name in SLOW ? /: no egress worker took the recording/ : cause;
        expect(message.startsWith(`livekit ${operation}: `), message).toBe(true);
        expect(message).toMatch(why);
        for (const secret of [API_KEY, API_SECRET, "eyJ"]) expect(message).not.toContain(secret);
        const sent = subject.server.methods().filter((method) => method === operation).length;
        expect(sent, `calls of ${operation}`).toBeLessThanOrEqual(operation === START ? 1 : 3);
      });
      await Promise.all(calls);
    },
  );
});

describe("a server that asks to retry later", () => {
  it.each([
    [429, "RATE_LIMITED"],
    [503, "UNAVAILABLE"],
  ])("with %i is asked again when it reported, and never before", async (status, code) => {
    const { server, adapter } = await adapterOnTwirp();
    const busy = rejection(status, "slow down", { "retry-after": "1" });
    server.on("CreateRoom", busy, { body: wireRoom });
    const since = performance.now();
    expect(await adapter.createRoom(place)).toMatchObject({ name: "hall" });
    expect(performance.now() - since).toBeGreaterThanOrEqual(1_000);
    expect(server.methods()).toEqual(["CreateRoom", "CreateRoom"]);

    server.on("DeleteRoom", rejection(status, "slow down", { "retry-after": "40" }));
    const error = await failure(adapter.deleteRoom(place));
    expect(error).toMatchObject({ code, retryable: true, retryAfterSeconds: 40 });
    expect(error.message).toContain("livekit DeleteRoom: try again in 40 seconds: slow down");
    expect(server.methods().filter((method) => method === "DeleteRoom")).toHaveLength(1);
  });
});

it("the start of a recording is sent once whatever goes wrong, and the recording found where it has begun", async ({
  task,
}) => {
  hurry();
  let starts = 0;
  const startOnce = async (name: string, answer: Answer, begun: boolean) => {
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, answer);
    server.on("ListEgress", { body: { items: [] } }, { body: { items: begun ? [wireEgress] : [] } });
    const outcome = await recordings.start(recording).catch((error: RtcError) => error);
    expect(outcome, name).toMatchObject(begun ? { recording: "livekit:EG_abc" } : { vendor: "livekit" });
    starts += server.methods().filter((method) => method === START).length;
  };
  hurryDeadlines(HURRY);
  const points = Object.entries(FAULTS).flatMap(([name, [answer]]) => [
    startOnce(name, answer, true),
    startOnce(name, answer, false),
  ]);
  await Promise.all(points);
  expect(starts).toBe(points.length);
  report(task, {
    promise:
      "The start of a recording is never sent twice; when its answer is lost, the recording is searched for",
    figure: `${starts} starts for ${points.length} wanted, with ${Object.keys(FAULTS).length} faults`,
  });
});

async function failure(call: Promise<unknown>): Promise<RtcError> {
  const error = await call.then(
    () => expect.fail("This should have failed."),
    (reason: unknown) => reason,
  );
  if (!RtcError.isInstance(error)) return expect.fail(`This is no RtcError: ${String(error)}`);
  return error;
}
