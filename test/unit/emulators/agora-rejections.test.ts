import { describe, expect, it } from "vitest";
import { AGORA, accessToken2, agoraWith, basic, call } from "./fixture.ts";

const RULES = "/dev/v1/kicking-rule";
const CHANNELS = `/dev/v1/channel/${AGORA.appId}`;
const authorization = basic(AGORA.customerId, AGORA.customerSecret);
const json = { authorization, "content-type": "application/json" };

describe("a call", () => {
  it.each([
    ["without credentials", {}],
    [
      "with the app id and certificate as credentials",
      { authorization: basic(AGORA.appId, AGORA.appCertificate) },
    ],
    ["with another secret", { authorization: basic(AGORA.customerId, "wrong") }],
    [
      "with credentials that are not encoded",
      { authorization: `Basic ${AGORA.customerId}:${AGORA.customerSecret}` },
    ],
  ])("%s is a 401", async (_, headers) => {
    const { agora } = await agoraWith();
    expect(await call(agora, CHANNELS, { headers })).toMatchObject({
      status: 401,
      body: { message: "Unauthorized" },
    });
  });

  it.each([
    ["for an app that is not the account's", `/dev/v1/channel/${"0".repeat(32)}`, 401],
    ["for a malformed app id", "/dev/v1/channel/acme", 400],
    ["to an address that is none", "/dev/v2/channel", 404],
    ["to an address with a slash too much", `${CHANNELS}/`, 404],
    ["with a parameter that there is not", `${CHANNELS}?limit=5`, 400],
    ["with a parameter twice", `${CHANNELS}?page_no=0&page_no=1`, 400],
    ["for more channels than a page may have", `${CHANNELS}?page_size=501`, 400],
    ["for a page of no channels", `${CHANNELS}?page_size=0`, 400],
    ["for a page before the first", `${CHANNELS}?page_no=-1`, 400],
    ["for the rules of no app", RULES, 400],
  ])("%s is rejected", async (_, path, status) => {
    const { agora, get } = await agoraWith();
    expect(await get(path)).toMatchObject({ status, body: { message: expect.any(String) } });
    expect(agora.calls).toMatchObject([{ method: "GET", path, answer: { status } }]);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"])("by %s where there is only GET is a 404", async (method) => {
    const { agora } = await agoraWith();
    expect((await call(agora, CHANNELS, { method, headers: json, body: "{}" })).status).toBe(404);
  });

  it("with a body that is not declared as JSON is a 415", async () => {
    const { agora } = await agoraWith();
    agora.join("hall", { uid: 1 });
    const body = JSON.stringify({ appid: AGORA.appId, cname: "hall", privileges: ["join_channel"], time: 0 });
    const answer = await call(agora, RULES, { method: "POST", headers: { authorization }, body });
    expect(answer).toMatchObject({ status: 415, body: { message: "Unsupported media type" } });
    expect(agora.participants("hall")).toEqual([1]);
  });
});

describe("a kicking rule", () => {
  it.each([
    ["with a uid in quotes", { uid: "7" }, "invalid uid"],
    ["with the uid 0", { uid: 0 }, "invalid uid"],
    ["with a uid that is too great", { uid: 2 ** 32 }, "invalid uid"],
    ["with a time in quotes", { uid: 7, time: "0" }, "invalid time"],
    ["without privileges", { uid: 7, privileges: undefined }, "invalid privileges"],
    ["with a privilege that there is not", { uid: 7, privileges: ["join"] }, "invalid privileges.0"],
    ["with a field that there is not", { uid: 7, channel: "hall" }, /channel/],
    ["without a target", {}, "invalid cname, uid or ip"],
    [
      "for a combination that the documents do not have",
      { cname: "hall", ip: "::1" },
      "invalid cname, uid or ip",
    ],
    ["of a malformed app", { uid: 7, appid: "acme" }, "invalid appid"],
  ])("%s is rejected, and kicks no participant", async (_, fields, message) => {
    const { agora, rule } = await agoraWith();
    agora.join("hall", { uid: 7 });
    const { status, body } = await rule(fields);
    expect(status).toBe(400);
    expect((body as { message: string }).message).toMatch(message);
    expect(agora.participants("hall")).toEqual([7]);
  });

  it("that is no JSON is rejected", async () => {
    const { agora } = await agoraWith();
    const answer = await call(agora, RULES, { method: "POST", headers: json, body: "{" });
    expect(answer).toMatchObject({ status: 400, body: { message: "invalid json" } });
  });
});

describe("the limits", () => {
  it("are 20 calls per second for each query and 10 for each other API", async () => {
    const { clock, get, rule } = await agoraWith();
    const statuses = async (times: number, ask: () => Promise<{ status: number }>) =>
      (await Promise.all(Array.from({ length: times }, ask))).map(({ status }) => status).sort();
    const users = () => get(`/dev/v1/channel/user/${AGORA.appId}/hall`);
    expect(await statuses(21, () => get(CHANNELS))).toEqual([...Array(20).fill(200), 429]);
    expect(await statuses(20, users)).toEqual(Array(20).fill(200));
    expect(await statuses(11, () => rule({ uid: 7, time: 0 }))).toEqual([...Array(10).fill(200), 429]);
    clock.turn(999);
    expect(await get(CHANNELS)).toMatchObject({ status: 429, body: { message: "Too many requests" } });
    clock.turn(1);
    expect((await get(CHANNELS)).status).toBe(200);
  });

  it("can be changed by a test", async () => {
    const { agora, clock, get } = await agoraWith();
    agora.limits.perSecond.listChannels = 1;
    agora.limits.secondMs = 10;
    expect([(await get(CHANNELS)).status, (await get(CHANNELS)).status]).toEqual([200, 429]);
    clock.turn(10);
    expect((await get(CHANNELS)).status).toBe(200);
  });
});

describe("joining with a token", () => {
  it("lets in whom it names, where it names", async () => {
    const { agora, clock } = await agoraWith();
    const token = accessToken2({ issuedAt: clock.seconds });
    expect(agora.join("hall", { uid: 7 }, { token }).present).toBe(true);
    expect(agora.joinWith(token)).toMatchObject({ channel: "hall", uid: 7, present: true });
    const named = accessToken2({ issuedAt: clock.seconds, uid: "alice" });
    expect(agora.joinWith(named).uid).toBe(agora.join("hall", { account: "alice" }, { token: named }).uid);
    expect(
      agora.join("hall", { uid: 9 }, { token: accessToken2({ issuedAt: clock.seconds, uid: "" }) }).uid,
    ).toBe(9);
  });

  it.each([
    ["is none", () => "", "starts with 007"],
    [
      "was signed with another certificate",
      (now: number) => ({ issuedAt: now, certificate: "0" }),
      "signature",
    ],
    ["is for another app", (now: number) => ({ issuedAt: now, appId: "0".repeat(32) }), "another app"],
    ["is for another channel", (now: number) => ({ issuedAt: now, channel: "stage" }), "another channel"],
    ["is for another identity", (now: number) => ({ issuedAt: now, uid: "8" }), "for another identity"],
    ["has expired", (now: number) => ({ issuedAt: now - 600 }), "expired"],
    ["does not let join", (now: number) => ({ issuedAt: now, privileges: [] }), "does not let join"],
    [
      "no longer lets join",
      (now: number) => ({ issuedAt: now - 9, privileges: [[1, 9] as [number, number]] }),
      "join",
    ],
  ])("rejects one that %s", async (_, parts, why) => {
    const { agora, clock } = await agoraWith();
    const made = parts(clock.seconds);
    const token = typeof made === "string" ? made : accessToken2(made);
    expect(() => agora.join("hall", { uid: 7 }, { token })).toThrow(why);
    expect(agora.participants("hall")).toEqual([]);
  });

  it.each(["", "a".repeat(64), "a/b", "a*b", "зал"])("rejects a channel of the name %j", async (name) => {
    const { agora } = await agoraWith();
    expect(() => agora.join(name, { uid: 7 })).toThrow("no channel");
  });
});
