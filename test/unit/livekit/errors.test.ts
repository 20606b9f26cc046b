import { describe, expect, it } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import { type Answer, addressOfNobody, hurry, hurryDeadlines } from "../../support/twirp.ts";
import { API_KEY, API_SECRET, adapterAt, adapterOnTwirp } from "./fixture.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJBUEkifQ.c2lnbmF0dXJl";
const NO_SERVER = "no response from servers";

const twirp = (status: number, code: string, msg: string): Answer => ({ status, body: { code, msg } });

/** What a server answers, the error that it is, and whether it is worth another try. */
const ANSWERS: Record<string, [Answer, code: string, retryable: boolean, message: RegExp]> = {
  "401 of the middleware, which quotes the whole token": [
    { status: 401, body: `invalid token: ${JWT}, error: go-jose: expired`, type: "text/plain" },
    "UNAUTHENTICATED",
    false,
    /check rtc:livekitApiKey \(or LIVEKIT_API_KEY\) and rtc:livekitApiSecret \(or LIVEKIT_API_SECRET\).*clock/,
  ],
  "401 for want of a grant": [
    twirp(401, "unauthenticated", "permissions denied"),
    "PERMISSION_DENIED",
    false,
    /lacks the permission/,
  ],
  "403": [twirp(403, "permission_denied", "not yours"), "PERMISSION_DENIED", false, /not yours/],
  "404 of LiveKit": [
    twirp(404, "not_found", "requested room does not exist"),
    "NOT_FOUND",
    false,
    /requested room/,
  ],
  "404 of something else": [
    { status: 404, body: "<h1>default backend</h1>", type: "text/html" },
    "VENDOR_ERROR",
    false,
    /HTTP 404.*is it a LiveKit server/,
  ],
  "400": [twirp(400, "malformed", "could not decode"), "INVALID_ARGUMENT", false, /could not decode/],
  "408": [twirp(408, "canceled", "context canceled"), "DEADLINE_EXCEEDED", true, /context canceled/],
  "413": [
    { status: 413, body: "too large", type: "text/plain" },
    "PAYLOAD_TOO_LARGE",
    false,
    /UpdateRoomMetadata/,
  ],
  "429": [twirp(429, "resource_exhausted", "slow down"), "RATE_LIMITED", true, /slow down/],
  "308 of a server that wants https": [
    { status: 308, headers: { location: "https://elsewhere.example/" }, body: "", type: "text/html" },
    "VENDOR_ERROR",
    false,
    /HTTP 308: it redirects, which is not followed: check rtc:livekitUrl/,
  ],
  "500": [twirp(500, "internal", "boom"), "VENDOR_ERROR", true, /HTTP 500: boom/],
  "502 of a proxy": [{ status: 502, body: "<html>", type: "text/html" }, "VENDOR_ERROR", true, /HTTP 502/],
  "503": [twirp(503, "unavailable", "shutting down"), "UNAVAILABLE", true, /shutting down/],
  "200 with half a JSON": [
    { body: '{"name":"stan' },
    "VENDOR_ERROR",
    true,
    /not JSON: is it a LiveKit server/,
  ],
  "200 with a web page": [{ body: "<html>", type: "text/html" }, "VENDOR_ERROR", true, /not JSON/],
  "200 with JSON of another kind": [
    { body: { name: { first: 1 } } },
    "VENDOR_ERROR",
    false,
    /UpdateRoomMetadata/,
  ],
  "a connection that breaks": [
    "cut",
    "UNAVAILABLE",
    true,
    /http:\/\/127.*broke off the connection \(ECONNRESET\)/,
  ],
};

describe("a LiveKit server that answers", () => {
  it.each(Object.entries(ANSWERS))("%s", async (_name, [answer, code, retryable, message]) => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("UpdateRoomMetadata", answer);
    const error = await failure(adapter.updateRoom({ region: null, name: "hall" }, {}, undefined));
    expect(error).toMatchObject({ code, retryable, vendor: "livekit", operation: "UpdateRoomMetadata" });
    expect(error.message).toMatch(message);
    expect(server.calls, "tries").toHaveLength(retryable ? 3 : 1);
  });

  it("not at all is given up after a deadline", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    const deadlines = hurryDeadlines(1_000);
    server.on("ListRooms", "silence");
    const error = await failure(adapter.listRooms(null));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
    expect(error.message).toContain("did not answer within 10 seconds");
    expect(deadlines).toContain(10_000);
  });

  it("nowhere is named, with the key to check", async () => {
    hurry();
    const url = await addressOfNobody();
    const error = await failure(adapterAt(url).listRooms(null));
    expect(error).toMatchObject({ code: "UNAVAILABLE", retryable: true });
    expect(error.message).toContain(
      `cannot reach ${url} (ECONNREFUSED): check rtc:livekitUrl (or LIVEKIT_URL)`,
    );
  });

  it.each([0, 280, 290, 300, 310])(
    "with secrets after %i characters keeps them out of the error, cut or whole",
    async (before) => {
      hurry();
      const { server, adapter } = await adapterOnTwirp();
      server.on(
        "ListRooms",
        twirp(500, "internal", `${".".repeat(before)}${API_SECRET}, ${API_KEY}, ${JWT}`),
      );
      const error = await failure(adapter.listRooms(null));
      const text = `${error.message}${error.stack}${JSON.stringify(error)}`;
      for (const secret of ["canary", "APIc", "eyJ"]) expect(text).not.toContain(secret);
      expect(error.message.length).toBeLessThan(500);
    },
  );
});

describe("a web server without rooms", () => {
  it.each<[string, Answer]>([
    ["as text", { status: 404, body: "404 page not found", type: "text/plain" }],
    ["as a page", { status: 404, body: "<h1>default backend</h1>", type: "text/html" }],
    ["without a body", { status: 404, body: "", type: "text/plain" }],
    ["as JSON of another API", { status: 404, body: { code: "not_found", message: "no such route" } }],
    ["as Twirp, but of another path", twirp(404, "bad_route", "no handler for path")],
  ])("that answers %s is never taken for a LiveKit server that has lost a room", async (_how, answer) => {
    const { server, adapter, recordings } = await adapterOnTwirp();
    const calls = ["ListRooms", "DeleteRoom", "RemoveParticipant", "UpdateRoomMetadata", "ListParticipants"];
    for (const method of [...calls, "ListEgress", "StopEgress"]) server.on(method, answer);
    const place = { region: null, name: "hall" };
    for (const ask of [
      () => adapter.getRoom(place),
      () => adapter.listRooms(null),
      () => adapter.deleteRoom(place),
      () => adapter.updateRoom(place, {}, undefined),
      () => adapter.listParticipants(place),
      () => adapter.kickParticipant(place, "alice"),
      () => recordings.get(null, "EG_abc"),
      () => recordings.stop(null, "EG_abc"),
      () => recordings.list(null, { active: true }),
    ]) {
      const error = await failure(ask());
      expect(error).toMatchObject({ code: "VENDOR_ERROR", retryable: false });
      expect(error.message).toMatch(/is it a LiveKit server\? Check rtc:livekitUrl/);
    }
  });
});

describe("a room whose server has died", () => {
  const place = { region: null, name: "hall" };
  const room = {
    name: "hall",
    empty_timeout: 60,
    departure_timeout: 20,
    max_participants: 5,
    metadata: '{"a":1}',
  };
  const again = {
    name: "hall",
    emptyTimeout: 60,
    departureTimeout: 20,
    maxParticipants: 5,
    metadata: '{"a":1}',
  };

  it("is recreated with the values that it has, and then updated or deleted", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", { body: { rooms: [room] } });
    server.on("UpdateRoomMetadata", twirp(503, "unavailable", NO_SERVER), { body: room });
    server.on("DeleteRoom", twirp(503, "unavailable", NO_SERVER), {});
    await adapter.updateRoom(place, { a: 2 }, undefined);
    await adapter.deleteRoom(place);
    const update = ["UpdateRoomMetadata", "ListRooms", "CreateRoom", "UpdateRoomMetadata"];
    expect(server.methods()).toEqual([...update, "DeleteRoom", "ListRooms", "CreateRoom", "DeleteRoom"]);
    expect(server.calls[2]?.body).toMatchObject(again);
  });

  it("is not asked a third time", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", { body: { rooms: [room] } });
    server.on("DeleteRoom", twirp(503, "unavailable", NO_SERVER));
    expect(await failure(adapter.deleteRoom(place))).toMatchObject({ code: "UNAVAILABLE" });
    expect(server.methods().filter((method) => method === "DeleteRoom")).toHaveLength(2);
  });

  it("is not recreated where it is not even listed", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("DeleteRoom", twirp(503, "unavailable", NO_SERVER));
    await adapter.deleteRoom(place);
    expect(server.methods()).toEqual(["DeleteRoom", "ListRooms"]);
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
