import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { agoraAnswers } from "../../emulators/agora.ts";
import { zegoAnswers } from "../../emulators/zego.ts";
import { AGORA, agoraWith, zegoWith } from "./fixture.ts";

const CHANNELS = `/dev/v1/channel/${AGORA.appId}`;

describe("a planned fault", () => {
  it("is for so many calls of one API, or for all until it is cleared", async () => {
    const { agora, get, rule } = await agoraWith();
    agora.faults.plan(agoraAnswers(500), { api: "listChannels", times: 1 });
    expect((await rule({ uid: 1 })).status).toBe(200);
    agora.faults.plan(agoraAnswers(429));
    expect(await get(CHANNELS)).toMatchObject({ status: 500, body: { message: "Internal server error" } });
    expect([(await get(CHANNELS)).status, (await rule({ uid: 1 })).status]).toEqual([429, 429]);
    agora.faults.clear();
    expect((await get(CHANNELS)).status).toBe(200);
  });

  it("may be any answer, without the server doing anything", async () => {
    const { agora, rule } = await agoraWith();
    agora.join("hall", { uid: 1 });
    agora.faults.plan({ kind: "answer", status: 502, body: "<h1>Bad Gateway</h1>" });
    expect(await rule({ cname: "hall", time: 0 })).toMatchObject({
      status: 502,
      body: "<h1>Bad Gateway</h1>",
    });
    expect(agora.participants("hall")).toEqual([1]);
    expect(agora.calls).toMatchObject([{ api: "createRule", method: "POST", path: "/dev/v1/kicking-rule" }]);
    expect(agora.calls[0]).not.toHaveProperty("answer");
  });

  it("may be one of Zego's return codes", async () => {
    const { zego, act } = await zegoWith();
    zego.faults.plan(zegoAnswers(5018), { api: "CloseRoom" });
    expect(await act("CloseRoom", [["RoomId", "hall"]])).toEqual({
      status: 200,
      code: 5018,
      data: undefined,
    });
  });

  it("may break the connection before the server acts", async () => {
    const { agora, rule } = await agoraWith();
    agora.join("hall", { uid: 1 });
    agora.faults.plan({ kind: "reset" });
    await expect(rule({ cname: "hall", time: 0 })).rejects.toThrow();
    expect(agora.participants("hall")).toEqual([1]);
  });

  it("may lose the answer after the server has acted", async () => {
    const { agora, clock, rule } = await agoraWith();
    agora.join("hall", { uid: 1 });
    agora.faults.plan({ kind: "lost" });
    await expect(rule({ cname: "hall", time: 0 })).rejects.toThrow();
    expect(agora.participants("hall")).toEqual([]);
    const answer = { status: 200, body: { status: "success" } };
    expect(agora.calls).toMatchObject([{ api: "createRule", time: clock.now(), answer }]);
  });

  it("may cut an answer in half", async () => {
    const { agora, rule } = await agoraWith();
    agora.join("hall", { uid: 1 });
    agora.faults.plan({ kind: "truncated" });
    await expect(rule({ cname: "hall", time: 0 })).rejects.toThrow();
    expect(agora.participants("hall")).toEqual([]);
  });

  it("may make an answer huge, and yet right for whom reads it all", async () => {
    const { agora, get } = await agoraWith();
    agora.faults.plan({ kind: "huge", bytes: 1_000_000 });
    const response = await fetch(`${agora.url}${CHANNELS}`, {
      headers: { authorization: `Basic ${Buffer.from("customer:canary").toString("base64")}` },
    });
    const text = await response.text();
    expect(text.length).toBeGreaterThan(1_000_000);
    agora.faults.clear();
    expect(JSON.parse(text)).toEqual((await get(CHANNELS)).body);
  });

  it("does not mind a caller who has had enough", async () => {
    const { agora, get } = await agoraWith();
    agora.faults.plan({ kind: "huge", bytes: 2 ** 40 }, { times: 1 });
    const headers = { authorization: `Basic ${Buffer.from("customer:canary").toString("base64")}` };
    const response = await fetch(`${agora.url}${CHANNELS}`, { headers });
    await response.body?.cancel();
    expect((await get(CHANNELS)).status).toBe(200);
  });

  it("may let an answer come byte by byte", async () => {
    const { agora, get } = await agoraWith();
    agora.faults.plan({ kind: "drip", ms: 2 });
    const started = performance.now();
    const { body } = await get(CHANNELS);
    expect(body).toMatchObject({ success: true });
    expect(performance.now() - started).toBeGreaterThan(JSON.stringify(body).length);
  });

  it("may let an answer come late", async () => {
    const { agora, get } = await agoraWith();
    agora.faults.plan({ kind: "latency", ms: 100 });
    const started = performance.now();
    expect((await get(CHANNELS)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(90);
  });

  it("may be that no answer comes at all", async () => {
    const { agora } = await agoraWith();
    agora.faults.plan({ kind: "silence" });
    const client = new AbortController();
    const waiting = fetch(`${agora.url}${CHANNELS}`, { signal: client.signal });
    await expect.poll(() => agora.calls.length).toBe(1);
    client.abort(new Error("the client gave up"));
    await expect(waiting).rejects.toThrow("the client gave up");
  });

  it("may be that something happens between two pages", async () => {
    const { agora, get } = await agoraWith();
    agora.join("first", { uid: 1 });
    agora.join("second", { uid: 2 });
    await get(`${CHANNELS}?page_size=1`);
    agora.faults.plan({ kind: "meanwhile", act: () => agora.leave("first", 1) }, { times: 1 });
    const { body } = await get(`${CHANNELS}?page_size=1&page_no=1`);
    expect(body, "the second channel is missed").toMatchObject({ data: { channels: [], total_size: 1 } });
  });
});

describe("an emulator", () => {
  it("minds neither callers who hang up nor being stopped twice", async () => {
    const { agora, get } = await agoraWith();
    const socket = connect(Number(new URL(agora.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write("POST /dev/v1/kicking-rule HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
    socket.resetAndDestroy();
    expect((await get(CHANNELS)).status).toBe(200);
    await agora.stop();
    await agora.stop();
    await expect(get(CHANNELS)).rejects.toThrow();
  });
});
