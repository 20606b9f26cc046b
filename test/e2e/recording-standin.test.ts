import { readFileSync } from "node:fs";
import { type EgressInfo, EncodedFileOutput, EncodedFileType } from "livekit-server-sdk";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressAt,
  expectStatus,
  leave,
  nameOf,
  POLL_OPTIONS,
  participantsIn,
  recordersIn,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { joinPlainly } from "../support/tokens.ts";

/**
 * What a real egress worker was measured to show through the API, row by row, asked of the stand-in through LiveKit's
 * own client: recordings would else be tested against our belief.
 */

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** Makes a room, which stays, and starts an audio recording of it. */
async function start(room: string, departureTimeout = 600): Promise<EgressInfo> {
  await server.service.createRoom({ name: room, emptyTimeout: 600, departureTimeout });
  const file = new EncodedFileOutput({ fileType: EncodedFileType.OGG, filepath: `standin/${room}.ogg` });
  return server.recordings.startRoomCompositeEgress(room, { file }, { audioOnly: true });
}

/** Another recording completes its whole start, and so could this one have meanwhile. */
async function meanwhileAnotherBegins(room: string): Promise<void> {
  const { egressId } = await start(room);
  await activate(server, room, egressId);
}

/** Waits until a recorder is in the room; returns its identity. */
async function recorderHasJoined(room: string): Promise<string | undefined> {
  await vi.waitFor(async () => expect(await recordersIn(server, room)).toHaveLength(1), POLL_OPTIONS);
  return (await recordersIn(server, room))[0]?.identity;
}

const seconds = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n) / 1000;

describe.concurrent("before the first track", () => {
  test("a start in an empty room answers STARTING and stays so, the recorder is in the room and is not counted", async () => {
    const began = Date.now();
    const started = await start("empty");
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(nameOf(started.status)).toBe("EGRESS_STARTING");
    expect(started).toMatchObject({ roomName: "empty", roomId: (await roomAt(server, "empty"))?.sid });
    expect(await recorderHasJoined("empty")).toBe(started.egressId);

    await meanwhileAnotherBegins("empty-meanwhile");

    const later = await egressAt(server, started.egressId);
    expect(nameOf(later.status)).toBe("EGRESS_STARTING");
    expect(await roomAt(server, "empty")).toMatchObject({ numParticipants: 0 });
    expect(later.fileResults).toMatchObject([{ size: 0n, duration: 0n, location: "" }]);
    expect(Math.abs(seconds(later.startedAt) - began / 1000)).toBeLessThan(10);
  });

  test("a participant who publishes nothing changes nothing; the first track makes it ACTIVE", async () => {
    const { egressId } = await start("silent");
    const alice = await joinPlainly(server, "silent", "alice");
    expect(await participantsIn(server, "silent")).toEqual(["alice"]);
    await meanwhileAnotherBegins("silent-meanwhile");
    expect(nameOf((await egressAt(server, egressId)).status)).toBe("EGRESS_STARTING");

    await alice.publishAudio();

    const active = await expectStatus(server, egressId, "EGRESS_ACTIVE");
    expect(active.fileResults).toMatchObject([{ size: 0n, duration: 0n, location: "" }]);
    expect(active.endedAt).toBe(0n);
  });

  test("a stop answers ABORTED itself", async () => {
    const { egressId } = await start("stopped-early");
    const answer = await server.recordings.stopEgress(egressId);
    expect(nameOf(answer.status)).toBe("EGRESS_ABORTED");
    expect(answer).toMatchObject({
      error: "Start signal not received",
      details: "End reason: StopEgress API",
    });
    expect(await expectStatus(server, egressId, "EGRESS_ABORTED")).toMatchObject({ error: answer.error });
  });

  test("the end of the room makes it ABORTED", async () => {
    const { egressId } = await start("closed-early");
    await recorderHasJoined("closed-early"); // one that comes later brings the room back, as any participant would
    await server.service.deleteRoom("closed-early");
    expect(await expectStatus(server, egressId, "EGRESS_ABORTED")).toMatchObject({
      error: "Start signal not received",
      details: "End reason: Source closed",
    });
  });
});

describe.concurrent("once it is active", () => {
  test("it ends with its room and not with its participants: a room that never closes is recorded further", async () => {
    const closing = await start("closing", 2);
    const lasting = await start("lasting", 600);
    const [alice, bob] = [
      await activate(server, "closing", closing.egressId),
      await activate(server, "lasting", lasting.egressId),
    ];

    await leave(server, "lasting", bob);
    await alice.leave();

    const ended = await expectStatus(server, closing.egressId, "EGRESS_COMPLETE");
    expect(await roomAt(server, "closing")).toBeUndefined();
    expect(ended).toMatchObject({ details: "End reason: Source closed", error: "" });
    const [file] = ended.fileResults;
    expect(file?.location).toMatch(/\/standin\/closing\.ogg$/);
    expect(file?.size).toBeGreaterThan(0n);
    expect(readFileSync(file?.location ?? "", "utf8")).toContain("this file holds no media");
    expect(seconds(file?.duration ?? 0n)).toBeGreaterThan(1.9);
    expect(seconds(file?.duration ?? 0n)).toBeLessThan(60);
    expect(Math.abs(seconds(ended.endedAt) - Date.now() / 1000)).toBeLessThan(10);
    expect(nameOf((await egressAt(server, lasting.egressId)).status)).toBe("EGRESS_ACTIVE");
  });

  test("the deletion of its room makes it COMPLETE", async () => {
    const { egressId } = await start("deleted");
    await activate(server, "deleted", egressId);
    await server.service.deleteRoom("deleted");
    const ended = await expectStatus(server, egressId, "EGRESS_COMPLETE");
    expect(ended).toMatchObject({ details: "End reason: Source closed", error: "" });
  });

  test("a stop answers ENDING, then it is COMPLETE, and another stop is rejected", async () => {
    const { egressId } = await start("stopped");
    await activate(server, "stopped", egressId);
    expect(nameOf((await server.recordings.stopEgress(egressId)).status)).toBe("EGRESS_ENDING");
    expect(await expectStatus(server, egressId, "EGRESS_COMPLETE")).toMatchObject({
      details: "End reason: StopEgress API",
      error: "",
    });
    await expect(server.recordings.stopEgress(egressId)).rejects.toMatchObject({
      status: 412,
      code: "failed_precondition",
      message: expect.stringContaining("egress with status EGRESS_COMPLETE cannot be stopped"),
    });
  });

  test("a new layout is taken, after the end too, where it has no effect", async () => {
    const { egressId } = await start("rearranged");
    await activate(server, "rearranged", egressId);
    await server.recordings.updateLayout(egressId, "speaker");
    const [recorder] = await recordersIn(server, "rearranged");
    expect(recorder?.metadata).toContain("speaker");

    await server.recordings.stopEgress(egressId);
    const ended = await expectStatus(server, egressId, "EGRESS_COMPLETE");
    await server.recordings.updateLayout(egressId, "grid");
    expect(await egressAt(server, egressId)).toEqual(ended);
  });

  test("the death of the recorder's process makes it FAILED, without a file, and a stop is rejected", async () => {
    const { egressId } = await start("killed");
    await activate(server, "killed", egressId);
    await server.egress.killRecorder(egressId);
    const failed = await expectStatus(server, egressId, "EGRESS_FAILED");
    expect(failed.error).toBe("signal: killed");
    expect(failed.fileResults).toMatchObject([{ size: 0n, location: "" }]);
    await expect(server.recordings.stopEgress(egressId)).rejects.toMatchObject({
      status: 412,
      message: expect.stringContaining("egress with status EGRESS_FAILED cannot be stopped"),
    });
  });
});

test.concurrent("a recording that the server never had is not found, and one of an absent room is not started", async () => {
  await expect(server.recordings.listEgress({ egressId: "EG_unknown" })).rejects.toMatchObject({
    status: 404,
  });
  await expect(server.recordings.stopEgress("EG_unknown")).rejects.toMatchObject({ status: 404 });
  const file = new EncodedFileOutput({ filepath: "standin/nowhere.ogg" });
  const nowhere = server.recordings.startRoomCompositeEgress("nowhere", { file }, { audioOnly: true });
  await expect(nowhere).rejects.toMatchObject({ status: 404 });
});
