import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import { type Answer, RunningGateway } from "../support/gateway.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";

let server: LivekitServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let folder: string;
let gateway: RunningGateway;

const open = () =>
  RunningGateway.start({
    cwd: folder,
    env: { ...server.env, LIVEKIT_URL: proxy.url, RTC_GATEWAY_KEY: "a-trial-key-of-this-test" },
  });

beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  proxy = await startProxy(server.url);
  folder = mkdtempSync(join(inject("scratch"), "gateway-recordings-"));
  gateway = await open();
});

const idOf = ({ body }: Answer) => (body as { recording: string }).recording;

test("The inputs and the last observation of a recording survive a kill -9 and its expiry at the vendor", async () => {
  await server.service.createRoom({ name: "lecture" });
  const metadata = { course: 7, teamLead: "ada" };
  const start = { room: "lecture", audio_only: true, output_uri: "out/lecture/", metadata };
  const started = await gateway.ask("/v1/rtc/recording/start", { body: start });
  expect(started).toMatchObject({ status: 200, body: { status: "starting", metadata } });
  const id = idOf(started);
  const get = `/v1/rtc/recording/get/${id}`;

  await gateway.end("SIGKILL");
  gateway = await open();
  expect(await gateway.ask(get)).toMatchObject({ body: { recording: id, status: "starting", metadata } });
  // It ends and expires while no client asks the gateway.
  const egressId = id.replace("livekit:", "");
  await server.recordings.stopEgress(egressId);
  await expect
    .poll(() => server.recordings.listEgress({ roomName: "lecture", active: true }), { timeout: 30_000 })
    .toEqual([]);
  await server.egress.forget(egressId);
  const expired = await gateway.ask(get);
  expect(expired).toMatchObject({
    status: 200,
    body: { recording: id, room: "livekit:lecture", status: "complete", metadata, unverified: true },
  });
  expect(expired.body).toMatchObject({ error: expect.stringContaining("how it ended was not observed") });
  const stop = await gateway.ask(`/v1/rtc/recording/stop/${id}`, { body: {} });
  expect(stop).toMatchObject({ status: 200, body: { ok: true } });

  const exams = await RunningGateway.createKey(folder, "exams", "--prefix", "exam-");
  expect(await gateway.ask(get, { key: exams })).toMatchObject({ status: 403 });
});

test("Requests that are repeated after a kill -9 each get a recording of their own, also at two gateways at once", async () => {
  await server.service.createRoom({ name: "crowd" });
  const ask = (at: RunningGateway, key: string) => {
    const body = { room: "crowd", audio_only: true, output_uri: "out/crowd/", idempotency_key: key };
    return at.ask("/v1/rtc/recording/start", { body });
  };
  const known = idOf(await ask(gateway, "known"));
  const heldCall = [1, 2].map(() => proxy.hold("StartRoomCompositeEgress", "after", { times: 1 }));
  const lost = ["a", "b"].map((key) => ask(gateway, key).catch(() => "lost"));
  await Promise.all(heldCall.map(({ caught }) => caught));
  await gateway.end("SIGKILL");
  expect(await Promise.all(lost)).toEqual(["lost", "lost"]);
  for (const one of heldCall) one.drop();

  gateway = await open();
  const other = await open();
  const again = async (at: RunningGateway, key: string) => {
    await expect.poll(async () => (await ask(at, key)).status, { timeout: 60_000, interval: 200 }).toBe(200);
    return idOf(await ask(at, key));
  };
  const got = await Promise.all([again(gateway, "a"), again(other, "b")]);
  const there = await server.recordings.listEgress({ roomName: "crowd" });
  expect([known, ...got].sort()).toEqual(there.map(({ egressId }) => `livekit:${egressId}`).sort());
  expect(there).toHaveLength(3);
});
