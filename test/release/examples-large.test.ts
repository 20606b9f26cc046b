import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Example } from "../support/example.ts";
import { joinPlainly } from "../support/tokens.ts";
import { roomsOf, tagOf } from "../support/world.ts";

interface Report {
  stack: string;
  code: number;
  drifted?: boolean;
  changes?: Record<string, number>;
  resources?: { name: string; class?: string }[];
}

test("examples/large: rooms that change their stack keep their participants, and one report has the drift of all stacks", {
  timeout: 600_000,
}, async () => {
  const example = await Example.copy("large");
  const { server, folder, person } = example;
  person.env["LIVEKIT_API_SECRET"] = server.apiSecret;
  const [install = "", create = "", refresh = "", destroy = "", ...more] = example.commands;
  expect(more).toEqual([]);
  const setUp = create.split("\n")[0] ?? "";
  /** Runs shards.mjs; its report. */
  const run = async (command: string, code: number | "any" = 0): Promise<Report[]> => {
    const check = code === "any" ? "true" : `test $? = ${code}`;
    const shown = await example.run(`${setUp}\nset +e\nnode shards.mjs ${command}\n${check}`);
    return JSON.parse(shown) as Report[];
  };
  /** The stack of each room, by the tag that the room carries at the server. */
  const owners = async () => {
    const names = ["north", "south", "east", "west"];
    const stacks = new Map(names.map((stack) => [tagOf(`acme-campus/${stack}`), stack]));
    const rooms = Object.entries(await roomsOf(server)).map(([name, { owner }]) => {
      return [name, stacks.get(String(owner).split("-")[0] ?? "")] as const;
    });
    return Object.fromEntries(rooms);
  };
  const countsOf = (all: Record<string, string | undefined>) => {
    const counts: Record<string, number> = {};
    for (const stack of Object.values(all)) counts[stack ?? ""] = (counts[stack ?? ""] ?? 0) + 1;
    return counts;
  };

  await example.run(install);
  await example.run(create);
  expect(countsOf(await owners())).toEqual({ north: 8, south: 4, east: 2 });
  await example.run(refresh);

  // Something happens to rooms of two stacks.
  await server.service.deleteRoom("south-tutorial-1");
  await server.service.deleteRoom("north-lecture-2");
  const drifted = await run("drift", 7);
  expect(drifted.map(({ stack, code }) => [stack, code])).toEqual([
    ["east", 0],
    ["north", 7],
    ["south", 7],
  ]);
  expect(drifted.flatMap(({ resources = [] }) => resources)).toMatchObject([
    { name: "north-lecture-2", class: "deleted" },
    { name: "south-tutorial-1", class: "deleted" },
  ]);
  await run("up --refresh");
  await run("drift");

  // Another number of stacks: one series gets a stack of its own, and one stack goes, with participants in both.
  const manifest = join(folder, "rtc.yaml");
  const labelled = async (...labels: [series: string, shard: string][]) => {
    const label = (text: string, [series, shard]: (typeof labels)[number]) =>
      text.replace(
        new RegExp(`(${series}: \\{.*?maxParticipants: \\d+).*`),
        `$1, metadata: { shard: ${shard} } }`,
      );
    writeFileSync(manifest, labels.reduce(label, readFileSync(manifest, "utf8")));
    await example.run(`${setUp}\nnode shards.mjs split`);
  };
  const sids = async () =>
    Object.fromEntries(Object.entries(await roomsOf(server)).map(([name, { sid }]) => [name, sid]));
  const before = await sids();
  const [alice, bob] = [
    await joinPlainly(server, "north-lecture-1", "alice"),
    await joinPlainly(server, "east-tutorial-1", "bob"),
  ];
  await labelled(["north-lecture", "west"], ["east-tutorial", "south"]);
  await run("up");
  expect(countsOf(await owners())).toEqual({ north: 4, west: 4, south: 6 });
  expect(await sids()).toEqual(before);
  expect([alice, bob].map(({ room }) => room.isConnected)).toEqual([true, true]);
  await run("drift");

  // Two stacks exchange rooms at once. The occupied one is not deleted, and the same command completes it.
  const carol = await joinPlainly(server, "south-tutorial-2", "carol");
  await labelled(["north-tutorial", "south"], ["south-tutorial", "north"]);
  await run("up", "any");
  expect((await sids())["south-tutorial-2"]).toBe(before["south-tutorial-2"]);
  await run("up");
  expect(await owners()).toMatchObject({ "south-tutorial-2": "north", "north-tutorial-1": "south" });
  expect((await sids())["south-tutorial-2"]).toBe(before["south-tutorial-2"]);
  expect(carol.room.isConnected).toBe(true);
  // What has moved is not to be adopted any more.
  await labelled();
  await run("up");
  expect((await run("preview --expect-no-changes")).map(({ code }) => code)).toEqual([0, 0, 0, 0]);

  for (const one of [alice, bob, carol]) await one.leave();
  await example.run(destroy);
  expect(await roomsOf(server)).toEqual({});
});
