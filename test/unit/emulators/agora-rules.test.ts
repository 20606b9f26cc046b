import { describe, expect, it } from "vitest";
import { JoinRejected } from "../../emulators/join-rejected.ts";
import { AGORA, agoraWith } from "./fixture.ts";

const RULES = `/dev/v1/kicking-rule?appid=${AGORA.appId}`;
const MINUTE = 60_000;
const idOf = ({ body }: { body: unknown }) => (body as { id: number }).id;
/** Three participants: 1 and 2 in the hall, 2 on the stage too. */
async function threePlaces() {
  const all = await agoraWith();
  const { agora } = all;
  agora.join("hall", { uid: 1 });
  agora.join("hall", { uid: 2 });
  agora.join("stage", { uid: 2 });
  const participants = () => ({ hall: agora.participants("hall"), stage: agora.participants("stage") });
  return { ...all, participants };
}

describe("a kicking rule whose time is 0", () => {
  it("kicks whom it names, once, out of the channel that it names", async () => {
    const { agora, participants, rule, get } = await threePlaces();
    const answer = await rule({ cname: "hall", uid: 2, time: 0 });
    expect(answer).toMatchObject({ status: 200, body: { status: "success", id: expect.any(Number) } });
    expect(participants()).toEqual({ hall: [1], stage: [2] });
    expect((await get(RULES)).body).toEqual({ status: "success", rules: [] });
    expect(agora.join("hall", { uid: 2 }).present).toBe(true);
  });

  it("that names only a channel empties it, and every participant may rejoin", async () => {
    const { agora, participants, rule } = await threePlaces();
    await rule({ cname: "hall", time: 0 });
    expect(participants()).toEqual({ hall: [], stage: [2] });
    expect(agora.join("hall", { uid: 1 }).present).toBe(true);
  });

  it("that names a uid only kicks them out of every channel", async () => {
    const { participants, rule } = await threePlaces();
    await rule({ uid: 2, time_in_seconds: 0 });
    expect(participants()).toEqual({ hall: [1], stage: [] });
  });

  it("reports success for an absent participant", async () => {
    const { participants, rule } = await threePlaces();
    expect(await rule({ cname: "hall", uid: 99, time: 0 })).toMatchObject({ body: { status: "success" } });
    expect(participants()).toEqual({ hall: [1, 2], stage: [2] });
  });

  it("disconnects the guest, and not a participant who joined again", async () => {
    const { agora, rule } = await agoraWith();
    const first = agora.join("hall", { uid: 1 });
    await rule({ cname: "hall", uid: 1, time: 0 });
    const second = agora.join("hall", { uid: 1 });
    first.leave();
    expect([first.present, second.present]).toEqual([false, true]);
  });
});

describe("a kicking rule with a time", () => {
  it("keeps participants out while it lasts", async () => {
    const { agora, clock, rule } = await threePlaces();
    await rule({ cname: "hall", uid: 2, time: 5 });
    clock.turn(5 * MINUTE - 1);
    expect(() => agora.join("hall", { uid: 2 })).toThrow(new JoinRejected("banned"));
    expect(agora.join("stage", { uid: 2 }).present).toBe(true);
    clock.turn(1);
    expect(agora.join("hall", { uid: 2 }).present).toBe(true);
  });

  it("that names a channel only blocks it for every participant", async () => {
    const { agora, participants, rule } = await threePlaces();
    await rule({ cname: "hall", time: 1 });
    expect(participants()).toEqual({ hall: [], stage: [2] });
    expect(() => agora.join("hall", { uid: 99 })).toThrow("banned");
  });

  it.each([
    ["an hour when none is given", {}, 60 * MINUTE],
    ["a minute at least", { time: 0.5 }, MINUTE],
    ["a day at most", { time: 2_000 }, 1_440 * MINUTE],
    ["ten seconds at least", { time_in_seconds: 1 }, 10_000],
    ["86430 seconds at most", { time_in_seconds: 100_000 }, 86_430_000],
    ["the seconds when both are given", { time: 5, time_in_seconds: 20 }, 20_000],
  ])("lasts %s", async (_, time, duration) => {
    const { agora, clock, rule } = await agoraWith();
    await rule({ cname: "hall", ...time });
    clock.turn(duration - 1);
    expect(() => agora.join("hall", { uid: 1 })).toThrow("banned");
    clock.turn(1);
    expect(agora.join("hall", { uid: 1 }).present).toBe(true);
  });

  it("against publishing kicks and blocks no participant", async () => {
    const { agora, rule } = await agoraWith();
    const guest = agora.join("hall", { uid: 1 });
    await rule({ cname: "hall", uid: 1, privileges: ["publish_audio"] });
    expect(guest.present).toBe(true);
    expect([guest.mayPublish("audio"), guest.mayPublish("video")]).toEqual([false, true]);
  });

  it("for an address is for all who come from there", async () => {
    const { agora, rule } = await agoraWith();
    agora.join("hall", { uid: 1 }, { ip: "203.0.113.9" });
    agora.join("hall", { uid: 2 });
    await rule({ ip: "203.0.113.9", time: 1 });
    expect(agora.participants("hall")).toEqual([2]);
    expect(() => agora.join("stage", { uid: 3 }, { ip: "203.0.113.9" })).toThrow("banned");
  });

  it("takes an empty cname for none: it is for every channel", async () => {
    const { participants, rule } = await threePlaces();
    await rule({ cname: "", ip: "", uid: 2, time: 1 });
    expect(participants()).toEqual({ hall: [1], stage: [] });
  });
});

describe("the kicking rules", () => {
  it("can be listed while they last", async () => {
    const { clock, get, rule } = await agoraWith();
    const now = clock.now();
    const id = idOf(await rule({ cname: "hall", uid: 5, time: 2 }));
    const expected = {
      ...{ id, appid: AGORA.appId, uid: 5, opid: expect.any(Number), cname: "hall", ip: "" },
      ts: new Date(now + 2 * MINUTE).toISOString(),
      privileges: ["join_channel"],
      createAt: new Date(now).toISOString(),
      updateAt: new Date(now).toISOString(),
    };
    expect((await get(RULES)).body).toEqual({ status: "success", rules: [expected] });
    clock.turn(2 * MINUTE);
    expect((await get(RULES)).body).toEqual({ status: "success", rules: [] });
  });

  it("can be given another time", async () => {
    const { agora, clock, rule, send } = await agoraWith();
    const id = idOf(await rule({ cname: "hall" }));
    const ts = new Date(clock.now() + 10 * MINUTE).toISOString();
    const answer = await send("PUT", { appid: AGORA.appId, id, time: 10 });
    expect(answer).toMatchObject({ status: 200, body: { status: "success", result: { id, ts } } });
    clock.turn(10 * MINUTE);
    expect(agora.join("hall", { uid: 1 }).present).toBe(true);
  });

  it("can be deleted, once", async () => {
    const { agora, rule, send } = await agoraWith();
    const id = idOf(await rule({ cname: "hall" }));
    const remove = () => send("DELETE", { appid: AGORA.appId, id });
    expect(await remove()).toMatchObject({ status: 200, body: { status: "success", id } });
    expect(agora.join("hall", { uid: 1 }).present).toBe(true);
    expect((await remove()).status).toBe(404);
    expect((await send("PUT", { appid: AGORA.appId, id, time: 1 })).status).toBe(404);
  });
});
