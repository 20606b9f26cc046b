import { describe, expect, it } from "vitest";
import { rejected, type Spelling } from "../../emulators/core-only.ts";
import { Rejected } from "../../emulators/core-only-world.ts";
import type { Fault } from "../../emulators/faults.ts";
import { coreGatewayWith, failure, KEY } from "./remote-fixture.ts";

const SPELLINGS: Spelling[] = ["problem", "nested", "error", "message", "msg", "text", "page"];

describe("a rejection of a third-party gateway", () => {
  it.each(SPELLINGS)(
    "that is written as %s has its code, and its message where there is one",
    async (spelling) => {
      const { client, gateway } = await coreGatewayWith({ spelling });
      const answer = rejected(new Rejected(409, "ROOM_OCCUPIED", "two participants are in"), spelling);
      gateway.faults.plan({ kind: "answer", ...answer });
      const error = await failure(client.room.delete("livekit:hall"));
      const hasCode = spelling === "problem" || spelling === "nested";
      expect(error).toMatchObject({
        code: hasCode ? "ROOM_OCCUPIED" : "ALREADY_EXISTS",
        operation: "rtc.room.delete",
      });
      expect(error.message).toContain(spelling === "page" ? "HTTP status 409" : "two participants are in");
      expect(error.message).not.toContain("<");
    },
  );

  it.each([
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [402, "INSUFFICIENT_CREDIT"],
    [403, "PERMISSION_DENIED"],
    [405, "UNSUPPORTED"],
    [413, "PAYLOAD_TOO_LARGE"],
    [415, "INVALID_ARGUMENT"],
    [422, "UNSUPPORTED"],
    [302, "VENDOR_ERROR"],
  ])("with status %i and no code of ours is %s, and not repeated", async (status, code) => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "answer", status, body: { oops: true } });
    expect(await failure(client.room.list())).toMatchObject({ code, retryable: false });
    expect(gateway.calls).toHaveLength(1);
  });

  it("for want of credit reports where to pay", async () => {
    const { client, gateway } = await coreGatewayWith();
    const body = { error: { message: "You are out of credit.", checkout_url: "https://pay.example/c/1" } };
    gateway.faults.plan({ kind: "answer", status: 402, body });
    const error = await failure(client.room.create({ name: "hall" }));
    expect(error).toMatchObject({
      code: "INSUFFICIENT_CREDIT",
      message: "You are out of credit.: https://pay.example/c/1",
    });
  });

  it("of our key reports that it is ours, and of a vendor's that it is not", async () => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "answer", status: 401, body: { message: "no" } }, { times: 1 });
    const ours = await failure(client.room.list());
    expect(ours.message).toBe(`the gateway ${gateway.url} rejects rtc:apiKey (or RTC_API_KEY): no`);
    const body = { code: "UNAUTHENTICATED", detail: "livekit rejects its key", vendor: "livekit" };
    gateway.faults.plan({ kind: "answer", status: 401, body }, { times: 1 });
    expect(await failure(client.room.list())).toMatchObject({
      ...{ code: "UNAUTHENTICATED", vendor: "livekit", message: "livekit rejects its key" },
    });
  });

  it("of an input names each field as this side does", async () => {
    const { client, gateway } = await coreGatewayWith();
    const errors = [
      { pointer: "#/max_participants", detail: "too many" },
      { pointer: "/metadata/ttl_s", detail: "not this" },
    ];
    const body = { code: "INVALID_ARGUMENT", detail: "the room is not valid", errors };
    gateway.faults.plan({ kind: "answer", status: 400, body });
    const error = await failure(client.room.create({ name: "hall" }));
    expect(error.message).toBe("the room is not valid: maxParticipants: too many; metadata.ttl_s: not this");
    expect(error.issues).toEqual([
      { path: "maxParticipants", message: "too many" },
      { path: "metadata.ttl_s", message: "not this" },
    ]);
  });

  it.each<[string, number, object]>([
    ["zod", 400, { error: { issues: [{ path: ["max_participants"], message: "too many" }] } }],
    [
      "FastAPI",
      422,
      { detail: [{ loc: ["body", "max_participants"], msg: "too many", type: "value_error" }] },
    ],
    ["details of a field", 400, { error: { details: [{ field: "max_participants", message: "too many" }] } }],
  ])("of an input is understood as %s writes it", async (_, status, body) => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "answer", status, body });
    expect(await failure(client.room.create({ name: "hall" }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "maxParticipants: too many",
      issues: [{ path: "maxParticipants", message: "too many" }],
    });
  });

  it("shows neither the key nor a token, and not pages of text", async () => {
    const { client, gateway } = await coreGatewayWith();
    const body = {
      message: `key ${KEY} token eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln ${"x".repeat(5_000)}`,
    };
    gateway.faults.plan({ kind: "answer", status: 400, body });
    const { message, stack } = await failure(client.room.list());
    for (const text of [message, String(stack)]) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain("eyJ");
      expect(text.length).toBeLessThan(1_200);
    }
  });

  it("with a status of success is one all the same", async () => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan(
      { kind: "answer", status: 200, body: { code: 17, msg: "quota used up" } },
      { times: 1 },
    );
    const error = await failure(client.participant.list("hall"));
    expect(error).toMatchObject({ code: "VENDOR_ERROR", message: "quota used up" });
  });
});

describe("a 404", () => {
  it.each(SPELLINGS)("of a gateway that writes it as %s is a room that is not there", async (spelling) => {
    const { client } = await coreGatewayWith({ spelling });
    expect(await client.room.find("livekit:hall")).toBeUndefined();
    expect(await failure(client.participant.list("livekit:hall"))).toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    ["a page", "<h1>nothing here</h1>"],
    ["the contract's code, by another API", { error: { code: "NOT_FOUND", message: "no such route" } }],
  ])("of what is no gateway is no room that is gone: %s", async (_what, body) => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "answer", status: 404, body });
    const error = await failure(client.room.find("livekit:hall"));
    expect(error).toMatchObject({ code: "VENDOR_ERROR", retryable: false });
    expect(error.message).toContain("check rtc:endpoint (or RTC_ENDPOINT)");
    for (const ask of [
      () => client.room.delete("livekit:hall"),
      () => client.recording.stop("livekit:EG_1"),
      () => client.participant.list("livekit:hall"),
      () => client.room.update("livekit:hall", { metadata: {} }),
      () => client.recording.find("livekit:EG_1"),
    ])
      expect(await failure(ask())).toMatchObject({ code: "VENDOR_ERROR" });
  });

  it.each<[string, Fault]>([
    ["404", { kind: "answer", status: 404, body: "default backend - 404" }],
    ["410", { kind: "answer", status: 410, body: "" }],
  ])("or %s of a load balancer, for a moment, loses no room that the gateway lists", async (_what, fault) => {
    const { client, gateway } = await coreGatewayWith();
    await client.room.create({ name: "hall" });
    const asks = {
      "room.get": () => client.room.find("livekit:hall"),
      "room.delete": () => client.room.delete("livekit:hall"),
      "participant.list": () => client.participant.list("livekit:hall"),
      "recording.stop": () => client.recording.stop("livekit:EG_1"),
    } as const;
    for (const [api, ask] of Object.entries(asks) as [keyof typeof asks, () => Promise<unknown>][]) {
      gateway.faults.plan(fault, { api, times: 1 });
      expect(await failure(ask()), api).toMatchObject({ code: "VENDOR_ERROR", retryable: false });
    }
    expect(await client.room.find("livekit:hall")).toMatchObject({ name: "hall" });
  });

  it("at a vendor of on-demand rooms, which a list does not show, is never a room that is gone", async () => {
    const { client } = await coreGatewayWith({ spelling: "text", vendor: "agora" });
    expect(await failure(client.room.find("agora:hall"))).toMatchObject({ code: "VENDOR_ERROR" });
  });
});

describe("behind a proxy that decodes paths", () => {
  it.each<[string, string, Spelling]>([
    ["team/a", "NO_ROUTE", "problem"],
    ["team/a", "NOT_FOUND", "problem"],
    ["team/a", "NOT_FOUND", "nested"],
    ["team/a", "NOT_FOUND", "text"],
    ["50%", "NOT_FOUND", "nested"],
  ])("room %s that a router answers with %s, as %s, is not gone", async (name, code, spelling) => {
    const { client, gateway } = await coreGatewayWith();
    await client.room.create({ name });
    const answer = rejected(new Rejected(404, code, "there is nothing at this address"), spelling);
    for (const api of ["room.get", "room.delete", "participant.list"] as const)
      gateway.faults.plan({ kind: "answer", ...answer }, { api });
    for (const ask of [client.room.find, client.room.get, client.room.delete, client.participant.list]) {
      const error = await failure(ask(`livekit:${name}`));
      expect(error).toMatchObject({ code: "VENDOR_ERROR", retryable: false });
      expect(error.message).toContain("that no proxy in front of the gateway decodes paths");
    }
    expect(gateway.world.rooms.size).toBe(1);
  });

  it("our gateway reports it by a code of its own, which explains what to do", async () => {
    const { client, gateway } = await coreGatewayWith();
    const body = { code: "UNKNOWN_ADDRESS", detail: "there is nothing at this address: see /docs" };
    gateway.faults.plan({ kind: "answer", status: 404, body });
    for (const ask of [client.room.find, client.room.delete, client.recording.find])
      expect(await failure(ask("livekit:team/a"))).toMatchObject({
        code: "UNKNOWN_ADDRESS",
        message: `the gateway ${gateway.url}: there is nothing at this address: see /docs; check rtc:endpoint (or RTC_ENDPOINT), and that no proxy in front of the gateway decodes paths`,
      });
  });
});

it("A room without a name in a gateway's list, which has no id, hides no other", async () => {
  const { client, gateway } = await coreGatewayWith();
  const items = [
    { room: "livekit:", name: "", vendor: "livekit" },
    { room: "livekit:hall", name: "hall", vendor: "livekit" },
  ];
  gateway.faults.plan({ kind: "answer", status: 200, body: { items } });
  expect((await client.room.list()).items.map(({ room }) => room)).toEqual(["livekit:hall"]);
});
