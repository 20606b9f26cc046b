import { expect, test } from "vitest";
import { Example } from "../support/example.ts";
import { join, type Person } from "../support/participants.ts";
import { activate, egressesOf, expectStatus, leave, nameOf, runningIn } from "../support/recordings.ts";
import { roomsOf } from "../support/world.ts";

/** It installs packages, starts the CLI a dozen times, and holds two lessons. */
const timeout = 300_000;

test("examples/classroom: every command of its README works, lessons are recorded, and no teardown cuts one unless forced.", {
  timeout,
}, async () => {
  const example = await Example.copy("classroom", { egress: "worker" });
  const { server } = example;
  const [install, configure, up, tokens, afterwards, destroy, force, ...more] = example.commands;
  expect(more).toEqual([]);
  const onlyRecordingIn = async (room: string) => {
    const [id = "", ...others] = await runningIn(server, room);
    expect(others).toEqual([]);
    return id;
  };

  await example.run(install ?? "");
  await example.run("npx --no-install tsc --project .");
  await example.run(configure ?? "");
  await example.run(up ?? "");
  expect(await roomsOf(server)).toMatchObject({
    algebra: { maxParticipants: 30, emptyTimeout: 600, departureTimeout: 600 },
    history: { maxParticipants: 25 },
  });
  for (const room of ["algebra", "history"]) {
    const [egress, ...others] = await egressesOf(server, room);
    expect(others).toEqual([]);
    expect(nameOf(egress?.status ?? 0)).toBe("EGRESS_STARTING");
    expect(egress?.request.value).toMatchObject({ audioOnly: true, layout: "" });
  }
  await example.run("pulumi preview --refresh --expect-no-changes");

  // A lesson, with participants who come by the tokens of the script.
  const handedOut = JSON.parse(await example.run(tokens ?? "")) as Record<string, string>;
  expect(Object.keys(handedOut)).toEqual(["ada", "bob"]);
  const { ada: teacher = "", bob: pupil = "" } = handedOut;
  expect([grants(teacher)["roomAdmin"], grants(pupil)["roomAdmin"]]).toEqual([true, false]);
  const [ada, bob] = await Promise.all([join(server.url, teacher), join(server.url, pupil)]);
  expect([ada.room.name, bob.room.name]).toEqual(["algebra", "algebra"]);
  await Promise.all([ada.publishAudio(), bob.publishAudio()]);
  const lesson = await onlyRecordingIn("algebra");
  await expectStatus(server, lesson, "EGRESS_ACTIVE");
  await example.run("pulumi preview --refresh --expect-no-changes");
  await expect(example.run(destroy ?? "")).rejects.toThrow(
    /ROOM_OCCUPIED: 2 participants are in room livekit:algebra.*its recording would cut it short/s,
  );
  await expectStatus(server, lesson, "EGRESS_ACTIVE");
  expect(await roomsOf(server)).toHaveProperty("algebra");

  // They leave, and the room closes; ten minutes are not waited for.
  await Promise.all([ada.leave(), bob.leave()]);
  await server.service.deleteRoom("algebra");
  const { fileResults } = await expectStatus(server, lesson, "EGRESS_COMPLETE");
  const first = fileResults[0]?.location ?? "";
  expect(first).toMatch(/lessons\/algebra-.*\.ogg$/);
  expect(await example.run(afterwards ?? "")).toContain(first);
  expect(await runningIn(server, "algebra")).toEqual([]);

  // The next lesson opens the room as it was declared, and gets a recording of its own; the first file is named.
  const next = JSON.parse(await example.run("node tokens.mjs algebra ada")) as Record<string, string>;
  const again: Person = await join(server.url, next["ada"] ?? "");
  await again.publishAudio();
  expect(await roomsOf(server)).toMatchObject({ algebra: { maxParticipants: 30, emptyTimeout: 600 } });
  expect(await example.run(afterwards ?? "")).toContain(first);
  const second = await onlyRecordingIn("algebra");
  await expectStatus(server, second, "EGRESS_ACTIVE");
  expect(second).not.toBe(lesson);

  // Forced, the lesson ends, and its file is named.
  const last = await example.run(force ?? "");
  const ended = await expectStatus(server, second, "EGRESS_COMPLETE");
  expect(ended.fileResults[0]?.location).toMatch(/lessons\/algebra-/);
  expect(last).toContain(ended.fileResults[0]?.location);
  await again.disconnected;
  expect(await roomsOf(server)).toEqual({});

  // Where rooms are empty, a plain destroy deletes all, and names the file of a lesson that is over.
  await example.run(up ?? "");
  const third = await onlyRecordingIn("history");
  await leave(server, "history", await activate(server, "history", third));
  const farewell = await example.run(destroy ?? "");
  const [file] = (await expectStatus(server, third, "EGRESS_COMPLETE")).fileResults;
  expect(farewell).toContain(file?.location);
  expect(await roomsOf(server)).toEqual({});
  expect(await server.recordings.listEgress({ active: true })).toEqual([]);
});

/** What a token allows, without a check of its signature. */
function grants(token: string): Record<string, unknown> {
  const [, payload = ""] = token.split(".");
  const { video } = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
    video: Record<string, unknown>;
  };
  return { roomAdmin: video["roomAdmin"] ?? false };
}
