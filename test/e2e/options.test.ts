import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { newStack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import {
  changesIn,
  declare,
  expectPlainRejection,
  type LivingRoom,
  program,
  resourceOf,
  roomsOf,
} from "../support/world.ts";

const core = { metadata: { team: "core" } };
const web = { metadata: { team: "web" }, maxParticipants: 3 };
const IGNORING = '{ ignoreChanges: ["metadata", "maxParticipants"] }';
const REPLACING = '{ replaceOnChanges: ["metadata"] }';
const LATE = "{ deleteBeforeReplace: false }";
const triggered = (trigger: number) => `{ deleteBeforeReplace: false, replacementTrigger: ${trigger} }`;

/** A room for each option. */
const rooms = (guarded: string, trigger: number, ...others: string[]) =>
  program(
    guarded,
    declare("retained", core, "{ retainOnDelete: true }"),
    declare("targeted", core, LATE),
    declare("tainted", core, LATE),
    declare("triggered", core, triggered(trigger)),
    ...others,
  );
const FIRST = [declare("ignoring", core, IGNORING), declare("replaced", core, REPLACING)];
const SECOND = [
  declare("ignoring", web, IGNORING),
  declare("replaced", { metadata: { team: "web" } }, REPLACING),
];
const PROTECTED = "{ protect: true }";

describe("Options of a room", () => {
  type Step = "made" | "kept" | "stillKept" | "remade" | "targeted" | "replaced" | "destroyed";
  const at = {} as Record<Step, Record<string, LivingRoom>>;
  const ran = {} as Record<"destroy" | "replace" | "again" | "target" | "change", Result>;

  beforeAll(async () => {
    const server = await startLivekit();
    const now = () => roomsOf(server);
    const stack = await newStack({
      program: rooms(declare("guarded", {}, PROTECTED), 1, ...FIRST),
      env: server.env,
    });
    await stack.up();
    at.made = await now();

    // What is protected fails this, and stays; all else is deleted from the stack.
    ran.destroy = await stack.destroy([], { code: "any" });
    at.kept = await now();
    stack.write(program(declare("guarded", { maxParticipants: 3 }, PROTECTED)));
    ran.replace = await stack.up([], { code: "any" });
    at.stillKept = await now();

    stack.write(rooms(declare("guarded"), 1, ...FIRST));
    ran.again = await stack.up();
    at.remade = await now();
    ran.target = await stack.up(["--target-replace", (await resourceOf(stack, "targeted")).urn]);
    at.targeted = await now();

    await stack.run(["state", "taint", (await resourceOf(stack, "tainted")).urn, "--yes"]);
    const edited = { team: "edited", $owner: at.targeted["ignoring"]?.owner };
    await server.service.updateRoomMetadata("ignoring", JSON.stringify(edited));
    stack.write(rooms(declare("guarded"), 2, ...SECOND));
    ran.change = await stack.up(["--refresh"]);
    at.replaced = await now();
    await stack.destroy();
    at.destroyed = await now();
  });

  test("protect rejects its deletion and its replacement, until it is lifted", () => {
    expectPlainRejection(ran.destroy, "protected");
    expectPlainRejection(ran.replace, "PROTECTED", "room livekit:guarded is protected");
    for (const step of ["kept", "stillKept", "remade"] as const)
      expect(at[step]["guarded"]).toEqual(at.made["guarded"]);
    expect(at.destroyed).not.toHaveProperty("guarded");
  });

  test("retainOnDelete leaves it at the vendor, and the stack adopts it again", () => {
    expect(Object.keys(at.kept).sort()).toEqual(["guarded", "retained"]);
    expect(changesIn(ran.again)).toContain("create retained");
    for (const step of ["kept", "remade", "replaced", "destroyed"] as const)
      expect(at[step]["retained"]).toEqual(at.made["retained"]);
    expect(Object.keys(at.destroyed)).toEqual(["retained"]);
  });

  test("ignoreChanges leaves the named inputs alone, in the program and at the vendor", () => {
    const before = at.targeted["ignoring"];
    expect(at.replaced["ignoring"]).toEqual({ ...before, metadata: { team: "edited" } });
  });

  test("replaceOnChanges replaces it for what would change in place", () => {
    expect(at.replaced["replaced"]?.sid).not.toBe(at.targeted["replaced"]?.sid);
    expect(at.replaced["replaced"]?.metadata).toEqual({ team: "web" });
  });

  test.each([
    ["--target-replace", "targeted", "remade", "targeted"],
    ["pulumi state taint", "tainted", "targeted", "replaced"],
    ["replacementTrigger", "triggered", "targeted", "replaced"],
  ] as const)(
    "%s deletes the old room first, even with deleteBeforeReplace: false",
    (_way, name, before, after) => {
      const [old, left] = [at[before][name], at[after][name]];
      expect(left).toEqual({ ...old, sid: left?.sid });
      expect(left?.sid).not.toBe(old?.sid);
    },
  );

  test("changes no other room, and leaves nothing to do", () => {
    expect(changesIn(ran.target)).toEqual(["replace targeted"]);
    expect(changesIn(ran.change).sort()).toEqual([
      "replace replaced",
      "replace tainted",
      "replace triggered",
    ]);
    expect(Object.keys(at.replaced).sort()).toEqual(Object.keys(at.made).sort());
  });
});
