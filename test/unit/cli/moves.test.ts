import type * as automation from "@pulumi/pulumi/automation";
import { describe, expect, test } from "vitest";
import { failedIn, nameOf, type Step } from "../../../src/cli/stack/engine-events.ts";
import { asDeclared, keptOf, movesOf } from "../../../src/cli/stack/moves.ts";
import { renameInState } from "../../../src/cli/stack/renames.ts";
import type { Managed } from "../../../src/cli/stack/stack-state.ts";
import type { Manifest } from "../../../src/manifest/schema.ts";

const none = { rooms: {}, recordings: {} };
const type = (kind: string) => `pulumi-nodejs:dynamic/rtc:Rtc${kind === "room" ? "Room" : "Recording"}`;
const urnOf = (kind: string, name: string) => `urn:pulumi:dev::acme::${type(kind)}::${name}`;

function managed(kind: "room" | "recording", name: string, outputs: Record<string, unknown> = {}): Managed {
  const id = kind === "room" ? `livekit:${String(outputs["name"] ?? name)}` : `livekit:EG_${name}`;
  return {
    ...{ kind, name, id, resourceId: id, vendor: "livekit", isProtected: false, isExternal: false },
    ...{ urn: urnOf(kind, name), inputs: {}, outputs: { name, vendor: "livekit", ...outputs } },
  };
}

const manifest = (rooms: Manifest["rooms"], recordings: Manifest["recordings"] = {}): Manifest => ({
  ...{ project: "acme", rooms, recordings },
});

const STATE = [
  managed("room", "hall"),
  managed("room", "lobby", { name: "shared" }),
  managed("recording", "tape", { room: "livekit:hall", outputUri: "out/", name: undefined }),
];

describe("A resource of a manifest", () => {
  test.each<[string, Manifest, object]>([
    ["as it is in the state stays", manifest({ hall: {}, lobby: { name: "shared" } }), none],
    [
      "under another name moves",
      manifest({ foyer: { name: "hall" }, lobby: {} }),
      { ...none, rooms: { foyer: "hall" } },
    ],
    ["at another vendor is another one", manifest({ foyer: { name: "hall", vendor: "agora" } }), none],
    ["in another region is another one", manifest({ foyer: { name: "hall", region: "eu" } }), none],
    [
      "whose old name is still declared is another one",
      manifest({ hall: {}, foyer: { name: "hall" } }),
      none,
    ],
    [
      "with the room's name by its own name moves",
      manifest({ shared: {} }),
      { ...none, rooms: { shared: "lobby" } },
    ],
    [
      "moves with a recording that has another name, too",
      manifest({ foyer: { name: "hall" } }, { reel: { room: "foyer", outputUri: "out/" } }),
      { rooms: { foyer: "hall" }, recordings: { reel: "tape" } },
    ],
    [
      "is another recording with another output",
      manifest({ hall: {} }, { reel: { room: "hall", outputUri: "elsewhere/" } }),
      none,
    ],
    [
      "takes the configured output where it names none",
      manifest({ hall: {} }, { reel: { room: "hall" } }),
      { ...none, recordings: { reel: "tape" } },
    ],
  ])("%s", (_, declared, expected) => {
    expect(movesOf(declared, STATE, "out/")).toEqual({ moved: expected, registered: expected });
  });
});

describe("Resources that exchange their names", () => {
  const rooms = ["a", "b", "c"].map((name) => managed("room", name));
  const named = (names: Record<string, string>) =>
    manifest(Object.fromEntries(Object.entries(names).map(([resource, name]) => [resource, { name }])));

  test.each<[string, Record<string, string>, Managed[], Record<string, string>]>([
    ["move, two of them", { a: "b", b: "a", c: "c" }, rooms, { a: "b", b: "a" }],
    ["move in a circle", { a: "b", b: "c", c: "a" }, rooms, { a: "b", b: "c", c: "a" }],
    [
      "move from where an interrupted run has left one",
      { a: "b", b: "a" },
      [managed("room", "a-1b2c", { name: "a" }), managed("room", "b")],
      { a: "b", b: "a-1b2c" },
    ],
    ["move one after the other to a new name", { b: "a", d: "b" }, rooms.slice(0, 2), { b: "a", d: "b" }],
    ["do not where both want one room", { a: "c", b: "c" }, rooms, {}],
  ])("%s", (_, names, state, expected) => {
    const { moved, registered } = movesOf(named(names), state, undefined);
    expect(moved.rooms).toEqual(expected);
    expect(registered.rooms).toEqual(expected);
  });

  const two = rooms.slice(0, 2);
  test.each<[string, Record<string, string>, Managed[], Record<string, string>, Record<string, string>]>([
    ["a new name", { b: "a", a: "new" }, rooms.slice(0, 1), { b: "a" }, { b: "a", a: "b" }],
    ["the end of a chain", { b: "a", c: "b", a: "new" }, two, { b: "a", c: "b" }, { b: "a", c: "b", a: "c" }],
    ["one whose own room leaves", { b: "a", a: "new" }, two, { b: "a" }, { b: "a", a: "b" }],
    ["one that gets another room", { a: "b", b: "new" }, rooms, { a: "b" }, { a: "b", b: "a" }],
  ])(
    "move to %s, and who takes the name is registered under the one that is left",
    (_, names, state, ...expected) => {
      const { moved, registered } = movesOf(named(names), state, undefined);
      expect([moved.rooms, registered.rooms]).toEqual(expected);
    },
  );

  test("do not where one that takes a name would replace a protected room", () => {
    const state = [managed("room", "a"), { ...managed("room", "b"), isProtected: true }];
    expect(movesOf(named({ b: "a", a: "new" }), state, undefined).registered.rooms).toEqual({});
  });

  test("move with their recordings, which have exchanged them too", () => {
    const state = [
      ...rooms,
      managed("recording", "tape-a", { room: "livekit:a", outputUri: "out/", name: undefined }),
      managed("recording", "tape-b", { room: "livekit:b", outputUri: "out/", name: undefined }),
    ];
    const output = { outputUri: "out/" };
    const declared = manifest(
      { a: { name: "b" }, b: { name: "a" }, c: {} },
      { "tape-a": { room: "a", ...output }, "tape-b": { room: "b", ...output } },
    );
    expect(movesOf(declared, state, undefined).moved.recordings).toEqual({
      "tape-a": "tape-b",
      "tape-b": "tape-a",
    });
  });

  test("are shown under the names of the manifest, failures too, though they ran under those of the state", () => {
    const declared = named({ a: "b", b: "a" });
    const steps = [step("same", "room", "a"), step("update", "room", "b")];
    const failed = [{ resource: "b", message: "x" }];
    const exchanged = { rooms: { a: "b", b: "a" }, recordings: {} };
    const result = asDeclared({ code: 4, steps, failed }, declared, {
      moved: exchanged,
      registered: exchanged,
    });
    expect(result.steps.map(({ op, name, messages }) => [op, name, ...messages])).toEqual([
      ["update", "a", "moved from b"],
      ["move", "b", "moved from a"],
    ]);
    expect(result.failed).toEqual([{ resource: "a", message: "x" }]);
  });

  test("are shown as moved, and the one that takes a name as what it is", () => {
    const declared = named({ b: "a", a: "new" });
    const steps = [step("same", "room", "a"), step("create", "room", "b")];
    const result = asDeclared({ code: 0, steps, failed: [] }, declared, {
      moved: { rooms: { b: "a" }, recordings: {} },
      registered: { rooms: { b: "a", a: "b" }, recordings: {} },
    });
    expect(result.steps.map(({ op, name, messages }) => [op, name, ...messages])).toEqual([
      ["move", "b", "moved from a"],
      ["create", "a"],
    ]);
  });

  test("keep the names of the state for a run that leaves them alone, and are renamed there after it", async () => {
    const state = [managed("room", "a"), managed("room", "b"), managed("recording", "tape")];
    const registered = { rooms: { foyer: "a", lobby: "b" }, recordings: { reel: "tape" } };
    const kept = keptOf(registered, state, [urnOf("room", "a"), urnOf("recording", "tape"), "urn"]);
    expect(kept).toEqual({ rooms: { foyer: "a" }, recordings: { reel: "tape" } });
    const done: string[] = [];
    const resources = state.map(({ kind, urn }) => ({ urn, type: type(kind) }));
    const engine = {
      state: async () => ({ resources }),
      rename: async (urn: string, to: string) => void done.push(`${nameOf(urn)} ${to}`),
    };
    const names = await renameInState(engine, { registered, kept });
    expect(done).toEqual(["a foyer", "tape reel"]);
    expect(names).toEqual({ rooms: { lobby: "b" }, recordings: {} });
    const declared = manifest({ foyer: { name: "a" }, lobby: { name: "b" } });
    const failed = [{ resource: "a", message: "x" }];
    const result = asDeclared({ code: 4, steps: [step("same", "room", "a")], failed }, declared, {
      ...{ moved: registered, registered, kept },
    });
    expect(result.failed).toEqual([{ resource: "foyer", message: "x" }]);
  });

  test("get the names of the manifest in the state, as far as the run has created them", async () => {
    const earlier = { rooms: { b: "a", a: "b" }, recordings: {} };
    const renamed = async (...names: string[]) => {
      const state = { resources: names.map((name) => ({ urn: urnOf("room", name), type: type("room") })) };
      const rename = (urn: string, to: string) => void names.splice(names.indexOf(nameOf(urn)), 1, to);
      const engine = { state: async () => state, rename: async (urn: string, to: string) => rename(urn, to) };
      expect(await renameInState(engine, { registered: earlier })).toEqual(none);
      return names;
    };
    expect(await renamed("a", "b")).toEqual(["b", "a"]);
    expect(await renamed("a")).toEqual(["b"]);
    expect(await renamed("b")).toEqual(["a"]);
  });
});

const step = (op: string, kind: Step["kind"], name: string): Step => ({
  ...{ op, kind, name, urn: urnOf(kind, name), fields: [], failed: false, messages: [] },
});

test("Steps are in the order of the manifest, deletes last, moves with their old name, and skipped ones beside a failure", () => {
  const declared = manifest({ b: {}, a: {} }, { tape: { room: "a" } });
  const steps = [step("delete", "room", "gone"), step("same", "room", "a"), step("create", "room", "b")];
  const failed = [{ resource: "tape", message: "x" }, { message: "y" }, { resource: "b", message: "z" }];
  const result = asDeclared({ code: 4, steps, failed }, declared, {
    moved: { rooms: { a: "old" }, recordings: {} },
    registered: none,
  });
  expect(result.steps.map(({ op, name, messages }) => [op, name, ...messages])).toEqual([
    ["create", "b"],
    ["move", "a", "moved from old"],
    ["skip", "tape"],
    ["delete", "gone"],
  ]);
  expect(result.failed.map(({ message }) => message)).toEqual(["y", "z", "x"]);
});

test("An error is reported once, on its resource, and a recording that a replacement ended for good is one", () => {
  const error = (message: string, urn: string) => ({ diagnosticEvent: { severity: "error", message, urn } });
  const outputs = (op: string, name: string, before = name) => ({
    resOutputsEvent: {
      metadata: {
        ...{ op, type: type("recording"), urn: urnOf("recording", name) },
        old: { urn: urnOf("recording", before) },
      },
    },
  });
  const stack = "urn:pulumi:dev::acme::pulumi:pulumi:Stack::acme-dev";
  const events = [
    error("UNAVAILABLE: no answer", urnOf("room", "hall")),
    error("Preview failed: refreshing hall: UNAVAILABLE: no answer", stack),
    error("another", stack),
    ...[outputs("delete-replaced", "tape"), outputs("delete-replaced", "reel")],
    outputs("create-replacement", "reel"),
    // Under another name from then on.
    ...[outputs("delete-replaced", "disc"), outputs("create-replacement", "record", "disc")],
  ] as unknown as automation.EngineEvent[];
  expect(failedIn(events).map(({ resource, message }) => [resource, message.slice(0, 30)])).toEqual([
    ["hall", "UNAVAILABLE: no answer"],
    [undefined, "another"],
    ["tape", "it was ended for a replacement"],
  ]);
  expect(failedIn(events, true).map(({ resource }) => resource)).toEqual(["hall", undefined]);
});
