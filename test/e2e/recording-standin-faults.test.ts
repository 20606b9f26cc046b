import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { EgressClient, type EgressInfo, EncodedFileOutput, EncodedFileType } from "livekit-server-sdk";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { killAtTheEnd } from "../support/cleanup.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { activate, egressAt, egressesOf, expectStatus, nameOf, runningIn } from "../support/recordings.ts";

/** What goes wrong with real egress workers, asked for: each fault shows through the API as in the worker's code. */

let server: LivekitServer;
/** The SDK gives up after 10 seconds, before the server does. */
let patient: EgressClient;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  const { url, apiKey, apiSecret } = server;
  patient = new EgressClient(url.replace("ws", "http"), apiKey, apiSecret, { requestTimeout: 40 });
});

const KEYS = { bucket: "acme", accessKey: "key-of-acme", secret: "secret-of-acme" };

/** Makes a room and starts a recording of it, of audio, to a file or to S3. */
async function start(room: string, storage: "file" | "s3" = "file"): Promise<EgressInfo> {
  await server.service.createRoom({ name: room, emptyTimeout: 600, departureTimeout: 600 });
  const output = storage === "s3" ? { output: { case: storage, value: KEYS } } : {};
  const file = new EncodedFileOutput({
    fileType: EncodedFileType.OGG,
    filepath: `standin/${room}.ogg`,
    ...output,
  });
  return patient.startRoomCompositeEgress(room, { file }, { audioOnly: true });
}

describe.concurrent("a fault that is asked for", () => {
  test("session limit: an active recording ends as LIMIT_REACHED with its file, one that waits as ABORTED", async () => {
    const { egressId } = await start("long");
    const waiting = await start("long-wait");
    await activate(server, "long", egressId);
    await server.egress.faults({ room: "long", sessionLimitMs: 1 });
    await server.egress.faults({ room: "long-wait", sessionLimitMs: 1 });

    const ended = await expectStatus(server, egressId, "EGRESS_LIMIT_REACHED");

    expect(ended.error).toBe("Session limit reached");
    expect(ended.fileResults[0]?.location).toMatch(/standin\/long\.ogg$/);
    expect(ended.fileResults[0]?.size).toBeGreaterThan(0n);
    const aborted = await expectStatus(server, waiting.egressId, "EGRESS_ABORTED");
    expect(aborted.error).toBe("Start signal not received");
  });

  test.each([
    ["CPU exhausted", "EGRESS_COMPLETE", ""],
    ["Process killed", "EGRESS_COMPLETE", ""],
    ["Failure", "EGRESS_FAILED", "pipeline failure"],
  ] as const)(
    "cut for %s, with a participant in the room: it is %s with that reason",
    async (cut, status, error) => {
      const room = `cut-${cut.replace(" ", "-")}`;
      const { egressId } = await start(room);
      await activate(server, room, egressId);
      await server.egress.faults({ room, cut });
      const ended = await expectStatus(server, egressId, status);
      expect(ended).toMatchObject({ details: `End reason: ${cut}`, error: expect.stringContaining(error) });
    },
  );

  test("no launch: the answer is 500 where no process can be started, and there is a FAILED record", async () => {
    await server.egress.faults({ room: "stillborn", noLaunch: true });
    await expect(start("stillborn")).rejects.toMatchObject({ status: 500 });
    const [failed, ...others] = await egressesOf(server, "stillborn");
    expect(others).toEqual([]);
    expect(nameOf(failed?.status ?? 0)).toBe("EGRESS_FAILED");
  });

  test("out of capacity: the server asks again for a while, then a start is rejected with 503, and nothing is started", async () => {
    await server.egress.faults({ room: "crowded", outOfCapacity: true });
    await expect(start("crowded")).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("not enough CPU"),
    });
    expect(await egressesOf(server, "crowded")).toEqual([]);
  });

  test("no answer: a start is rejected with 503 after more than twenty seconds, and nothing is started", async () => {
    await server.egress.faults({ room: "deaf", noAnswer: true });
    const began = Date.now();
    await expect(start("deaf")).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining("no response from servers"),
    });
    expect(Date.now() - began).toBeGreaterThan(20_000);
    expect(Date.now() - began).toBeLessThan(25_000);
    expect(await egressesOf(server, "deaf")).toEqual([]);
  });

  test("failure at the start: it is accepted, and FAILED at once", async () => {
    await server.egress.faults({ room: "broken", startFailure: "template error: it does not load" });
    const started = await start("broken");
    expect(nameOf(started.status)).toBe("EGRESS_STARTING");
    const failed = await expectStatus(server, started.egressId, "EGRESS_FAILED");
    expect(failed.error).toContain("template error: it does not load");
  });

  test("upload failure: it is FAILED at the end, with the storage's reason and without a file", async () => {
    const { egressId } = await start("lost", "s3");
    await activate(server, "lost", egressId);
    await server.egress.faults({ room: "lost", uploadFailure: "AccessDenied: Access Denied" });
    await server.recordings.stopEgress(egressId);
    const failed = await expectStatus(server, egressId, "EGRESS_FAILED");
    expect(failed.error).toContain("S3 upload failed: AccessDenied: Access Denied");
    expect(failed.fileResults).toMatchObject([{ location: "" }]);
    // As it is listed, the request shows no credentials.
    expect(failed.toJsonString()).not.toMatch(/key-of-acme|secret-of-acme/);
  });

  test("a slow end: it stays ENDING until its file is finished", async () => {
    const { egressId } = await start("slow");
    await activate(server, "slow", egressId);
    await server.egress.faults({ room: "slow", finishMs: 60_000 });
    await server.recordings.stopEgress(egressId);
    const brisk = await start("brisk");
    await activate(server, "brisk", brisk.egressId);
    await server.recordings.stopEgress(brisk.egressId);
    await expectStatus(server, brisk.egressId, "EGRESS_COMPLETE");
    const ending = await egressAt(server, egressId);
    expect(nameOf(ending.status)).toBe("EGRESS_ENDING");
    const [file] = ending.fileResults;
    expect(file?.duration, "which is known before the size").toBeGreaterThan(0n);
    expect(file?.size).toBe(0n);
    await server.egress.faults({ room: "slow" });
    await expectStatus(server, egressId, "EGRESS_COMPLETE");
  });

  test("a record that is gone: the server does not find it any more, as a day after the end", async () => {
    const { egressId } = await start("old");
    await server.recordings.stopEgress(egressId);
    await expectStatus(server, egressId, "EGRESS_ABORTED");
    await server.egress.forget(egressId);
    await expect(server.recordings.listEgress({ egressId })).rejects.toMatchObject({ status: 404 });
    expect(await egressesOf(server, "old")).toEqual([]);
  });

  test("one that is asked for in one room leaves the others alone, and is taken back by none", async () => {
    await server.egress.faults({ room: "unlucky", startFailure: "template error" });
    const unlucky = await start("unlucky");
    const lucky = await start("lucky");
    await expectStatus(server, unlucky.egressId, "EGRESS_FAILED");
    expect(await runningIn(server, "lucky")).toEqual([lucky.egressId]);

    await server.egress.faults({ room: "unlucky" });
    const { egressId } = await start("unlucky");
    expect(await runningIn(server, "unlucky")).toEqual([egressId]);
  });
});

test.concurrent("after an internal error the worker takes no other recording", async () => {
  const alone = await startLivekit({ egress: "worker" });
  const { service, recordings, egress } = alone;
  for (const name of ["first", "second"]) await service.createRoom({ name, emptyTimeout: 600 });
  const file = new EncodedFileOutput({ fileType: EncodedFileType.OGG, filepath: "standin/drained.ogg" });
  const begin = (room: string) => recordings.startRoomCompositeEgress(room, { file }, { audioOnly: true });
  await egress.faults({ room: "first", internalError: "pipeline frozen" });
  const { egressId } = await begin("first");
  const failed = await expectStatus(alone, egressId, "EGRESS_FAILED");
  expect(failed).toMatchObject({ errorCode: 500, error: expect.stringContaining("pipeline frozen") });
  expect(await egress.isDraining()).toBe(true);
  const patientToo = new EgressClient(alone.url.replace("ws", "http"), alone.apiKey, alone.apiSecret, {
    requestTimeout: 40,
  });
  await expect(
    patientToo.startRoomCompositeEgress("second", { file }, { audioOnly: true }),
  ).rejects.toMatchObject({ status: 503 });
});

test.concurrent.each([
  ["audio", { audioOnly: true }, false],
  ["audio with a layout", { audioOnly: true, layout: "speaker" }, true],
  ["a picture", {}, true],
])("a page is rendered for %s: %j, %s", async (what, options, needs) => {
  const room = `page-${what.replaceAll(" ", "-")}`;
  await server.service.createRoom({ name: room, emptyTimeout: 600 });
  const file = new EncodedFileOutput({ filepath: `standin/${room}` });
  const { egressId } = await patient.startRoomCompositeEgress(room, { file }, options);
  expect(await server.egress.needsBrowser(egressId)).toBe(needs);
});

test.concurrent("a file at an S3 service of http is reported at https", async () => {
  const room = "plain-s3";
  await server.service.createRoom({ name: room, emptyTimeout: 600 });
  const value = { ...KEYS, endpoint: "http://127.0.0.1:9", forcePathStyle: true };
  const file = new EncodedFileOutput({ filepath: "plain.ogg", output: { case: "s3", value } });
  const { egressId } = await patient.startRoomCompositeEgress(room, { file }, { audioOnly: true });
  await activate(server, room, egressId);
  await server.recordings.stopEgress(egressId);
  const { fileResults } = await expectStatus(server, egressId, "EGRESS_COMPLETE");
  expect(fileResults[0]?.location).toBe("https://127.0.0.1:9/acme/plain.ogg");
});

test.concurrent("a server with Redis alone has no worker to ask: a listing is empty", async () => {
  const alone = await startLivekit({ egress: "redis-only" });
  expect(await alone.recordings.listEgress()).toEqual([]);
});

test.concurrent("it reports in its help and in its banner that it renders no media", async () => {
  const binary = inject("engines").egressStandin;
  const { stdout } = await promisify(execFile)(binary, ["--help"]);
  expect(stdout).toContain("stand-in for a LiveKit egress worker: it renders no media");

  const child = spawn(binary, ["--no-worker"], { stdio: ["pipe", "pipe", "pipe"] });
  killAtTheEnd(() => child.kill("SIGKILL"));
  const [line] = await once(createInterface(child.stderr), "line");
  expect(JSON.parse(String(line))).toMatchObject({ msg: expect.stringContaining("it renders no media") });
  const gone = once(child, "exit");
  child.stdin.end();
  expect(await gone).toEqual([0, null]);
});
