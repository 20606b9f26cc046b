import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { Example } from "../support/example.ts";
import { join as joinRoom } from "../support/participants.ts";
import { roomsOf } from "../support/world.ts";

/** Each installs packages and starts the CLI a dozen times. */
const timeout = 300_000;

describe("examples/quickstart", () => {
  test("Every command of its README works, from the packed package to the last room gone.", {
    timeout,
  }, async () => {
    const example = await Example.copy("quickstart");
    const { server } = example;
    const [install, configure, up, token, destroy, ...more] = example.commands;
    expect(more).toEqual([]);

    await example.run(install ?? "");
    expect(lstatSync(join(example.folder, "node_modules/pulumi-rtc")).isSymbolicLink()).toBe(false);
    await example.run("npx --no-install tsc --project .");

    await example.run(configure ?? "");
    const config = readFileSync(join(example.folder, "Pulumi.dev.yaml"), "utf8");
    expect(config).toContain(server.apiKey);
    expect(config).not.toContain(server.apiSecret);

    expect(await example.run("pulumi preview")).toMatch(/RtcRoom standup create[\s\S]*3 to create/);
    await example.run(up ?? "");
    const { standup, interview } = await roomsOf(server);
    expect(standup).toMatchObject({ maxParticipants: 12, metadata: { team: "core" } });
    expect(interview).toMatchObject({ emptyTimeout: 600, departureTimeout: 600 });
    await example.run("pulumi preview --refresh --expect-no-changes");

    const access = JSON.parse(await example.run(token ?? "")) as Record<string, string>;
    expect(access).not.toHaveProperty("warnings");
    const alice = await joinRoom(server.url, access["token"] ?? "");
    expect(alice.room.name).toBe("standup");
    expect(alice.identity).toBe("alice");

    await expect(example.run(destroy ?? "")).rejects.toThrow(
      "ROOM_OCCUPIED: 1 participant is in room livekit:standup",
    );
    await alice.leave();
    await expect.poll(() => server.service.listParticipants("standup")).toEqual([]);
    await example.run(destroy ?? "");
    expect(await roomsOf(server)).toEqual({});
  });
});

describe("examples/javascript-esm", () => {
  test("Every command of its README works, and another number of seats makes new rooms.", {
    timeout,
  }, async () => {
    const example = await Example.copy("javascript-esm");
    const { server } = example;
    const [install, configure, up, change, destroy, ...more] = example.commands;
    expect(more).toEqual([]);

    await example.run(install ?? "");
    await example.run(configure ?? "");
    await example.run(up ?? "");
    const before = await roomsOf(server);
    expect(Object.keys(before).sort()).toEqual(["workshop-advanced", "workshop-beginners"]);
    expect(before["workshop-beginners"]).toMatchObject({
      maxParticipants: 30,
      metadata: { title: "Workshop for beginners" },
    });
    await example.run("pulumi preview --refresh --expect-no-changes");

    expect(await example.run(change ?? "")).toContain("2 to replace");
    const after = await roomsOf(server);
    expect(after["workshop-beginners"]).toMatchObject({ maxParticipants: 40 });
    expect(after["workshop-beginners"]?.sid).not.toBe(before["workshop-beginners"]?.sid);
    await example.run("pulumi preview --expect-no-changes");

    await example.run(destroy ?? "");
    expect(await roomsOf(server)).toEqual({});
  });
});

test("Each example has a test.", () => {
  const tests = ["release", "support"].flatMap((folder) => {
    const names = readdirSync(join(repo, "test", folder));
    return names.map((name) => readFileSync(join(repo, "test", folder, name), "utf8"));
  });
  const text = tests.join("\n");
  const tested = [...text.matchAll(/Example\.copy\("([\w-]+)"/g)].map(([, name]) => name);
  expect(readdirSync(join(repo, "examples")).sort()).toEqual([...new Set(tested)].sort());
});
