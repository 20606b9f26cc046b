import { describe, expect, test } from "vitest";
import { NEVER, type Room } from "../../../src/contract/index.ts";
import type { Decision, Observed } from "../../../src/reconcile/decision.ts";
import {
  decideChange,
  decideCreated,
  decideCreation,
  decideRefresh,
  decideRemoval,
  decideUpdate,
} from "../../../src/reconcile/room/decide.ts";
import type { RoomTraits } from "../../../src/reconcile/room/observe.ts";
import type { RoomInputs, RoomState } from "../../../src/reconcile/room/state.ts";

/** The decision tables of rooms: what is done for everything that can be declared, stored and observed. */

const OURS = "aaaaaaaaaaaa-111111111111";
const ANOTHER = "bbbbbbbbbbbb-222222222222";
/** Another resource of the same stack. */
const RENAMED = "aaaaaaaaaaaa-333333333333";

const room = (more: Partial<Room> = {}): Room => ({
  ...{ room: "memory:hall", name: "hall", vendor: "memory", state: "open", region: null, createdAt: null },
  ...{ maxParticipants: null, emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER, metadata: {} },
  ...{ numParticipants: 0, sid: "RM_1", endpoint: "memory", owner: OURS },
  ...more,
});

const state = (more: Partial<RoomState> = {}): RoomState => ({
  ...{ name: "hall", vendor: "memory", room: "memory:hall", endpoint: "memory", owner: OURS, sid: "RM_1" },
  vendorSettings: { emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER },
  schemaVersion: 1,
  ...more,
});

const declared = (more: Partial<RoomInputs> = {}): RoomInputs => ({
  name: "hall",
  vendor: "memory",
  ...more,
});

/** How rooms live: at the vendor, as a gateway's record, or in the state alone. */
const PERSISTENT: RoomTraits = {
  ...{ isPersistent: true, isStateOnly: false, isRevivedByJoin: true, hasTag: true },
};
/** Rooms that no join brings back, and that carry no tag. */
const PLAIN: RoomTraits = { ...PERSISTENT, isRevivedByJoin: false, hasTag: false };
const RECORD: RoomTraits = {
  ...{ isPersistent: false, isStateOnly: false, isRevivedByJoin: false, hasTag: true },
};
const STATE_ONLY: RoomTraits = { ...RECORD, isStateOnly: true };

const known = (more: Partial<Room> = {}): Observed<Room> => ({ is: "known", value: room(more) });
const absent: Observed<Room> = { is: "absent" };
const unrecorded: Observed<Room> = { is: "absent", mayBeOccupied: true };
const unobservable = (more: Partial<Room> = {}): Observed<Room> => ({
  is: "unobservable",
  reason: "it is not reported",
  part: room({ owner: null, ...more }),
});

/** `delete`, or `delete: ROOM_OCCUPIED` where a precondition fails. */
const outcome = ({ action, failures }: Decision<string>) =>
  [action, ...failures.map(({ code }) => code)].join(": ");

describe("a changed input", () => {
  const VALUES = {
    name: ["hall", "lobby"],
    vendor: ["memory", "other"],
    region: ["eu", "us"],
    maxParticipants: [5, 6],
    emptyTimeoutSeconds: [60, 61],
    metadata: [{ a: 1 }, { a: 2 }],
    enableRecording: [true, false],
    adopt: [true, false],
    forceDestroy: [true, false],
  } as const;
  const PLACES = {
    "a vendor that changes metadata": { inPlace: ["metadata"], updateGap: undefined },
    "a vendor that changes all settings": {
      inPlace: ["maxParticipants", "emptyTimeoutSeconds", "metadata", "enableRecording"],
      updateGap: undefined,
    },
    "a gateway that changes nothing": { inPlace: ["metadata"], updateGap: "it does not advertise that" },
  } as const;
  const ALWAYS: readonly string[] = ["adopt", "forceDestroy"];

  const rows = Object.entries(PLACES).flatMap(([place, { inPlace, updateGap }]) =>
    Object.entries(VALUES).flatMap(([input, [before, after]]) => {
      const canChange =
        ALWAYS.includes(input) || (updateGap === undefined && inPlace.some((key) => key === input));
      const expected = canChange ? "update" : "replace";
      return [
        { place, input, what: "changed", from: before, to: after, expected },
        { place, input, what: "added", from: undefined, to: before, expected },
        // A vendor that is no longer declared is left to a gateway, which has placed the room already.
        {
          place,
          input,
          what: "removed",
          from: before,
          to: undefined,
          expected: input === "vendor" ? "none" : expected,
        },
        { place, input, what: "left as it is", from: before, to: before, expected: "none" },
      ];
    }),
  );

  test.each(rows)("$input, $what, at $place: $expected", ({ place, input, from, to, expected }) => {
    const { inPlace, updateGap } = PLACES[place as keyof typeof PLACES];
    const decision = decideChange({
      state: state({ [input]: from } as Partial<RoomState>),
      declared: { ...declared(), [input]: to },
      changesInPlace: inPlace,
      updateGap,
    });
    expect(outcome(decision)).toBe(expected);
    expect(decision.replaces).toEqual(expected === "replace" ? [input] : []);
    expect(decision.reasons).toHaveLength(expected === "replace" ? 1 : 0);
  });

  test("false and left out are the same room, but a change to take down", () => {
    const decision = decideChange({
      state: state(),
      declared: { ...declared(), enableRecording: false },
      changesInPlace: ["metadata"],
      updateGap: undefined,
    });
    expect(outcome(decision)).toBe("update");
  });
});

describe("a declared room is", () => {
  interface Row {
    what: string;
    found: Observed<Room>;
    inputs?: Partial<RoomInputs>;
    traits?: RoomTraits;
    tag?: string | undefined;
    participants?: number;
    wasDeleted?: boolean;
    isUnrecorded?: boolean;
    isForced?: boolean;
    expected: string;
  }
  const limited = { maxParticipants: 12 };
  const closing = { emptyTimeoutSeconds: 60, departureTimeoutSeconds: 60 };
  const rows: Row[] = [
    { what: "absent", found: absent, expected: "create" },
    { what: "absent, without a tag", found: absent, tag: undefined, expected: "create" },
    { what: "on-demand and without a record", found: unrecorded, traits: RECORD, expected: "create" },
    { what: "not observable", found: unobservable(), traits: RECORD, expected: "create" },
    { what: "ours as declared", found: known(), expected: "adopt" },
    { what: "ours as declared, with participants", found: known(), participants: 3, expected: "adopt" },
    { what: "another's", found: known({ owner: ANOTHER }), expected: "create: ALREADY_EXISTS" },
    { what: "untagged", found: known({ owner: null }), expected: "create: ALREADY_EXISTS" },
    {
      what: "untagged, where rooms carry no tag",
      found: known({ owner: null }),
      tag: undefined,
      expected: "create: ALREADY_EXISTS",
    },
    {
      what: "untagged, after this run has deleted it",
      found: known({ owner: null }),
      wasDeleted: true,
      expected: "adopt",
    },
    {
      what: "another's, with adopt",
      found: known({ owner: ANOTHER }),
      inputs: { adopt: true },
      expected: "adopt",
    },
    {
      what: "untagged, with adopt",
      found: known({ owner: null }),
      inputs: { adopt: true },
      expected: "adopt",
    },
    {
      what: "untagged, with adopt and enableRecording",
      found: known({ owner: null }),
      inputs: { adopt: true, enableRecording: true },
      expected: "create: ALREADY_EXISTS",
    },
    {
      what: "ours, with enableRecording",
      found: known(),
      inputs: { enableRecording: true },
      expected: "adopt",
    },
    {
      what: "another's with other limits, with adopt",
      found: known({ owner: ANOTHER, maxParticipants: 5 }),
      inputs: { adopt: true, ...limited },
      expected: "create: ALREADY_EXISTS",
    },
    {
      what: "another's with other timeouts, with adopt",
      found: known({ owner: ANOTHER, ...closing }),
      inputs: { adopt: true },
      expected: "adopt",
    },
    { what: "ours with other limits, empty", found: known(), inputs: limited, expected: "recreate" },
    { what: "ours with a limit that is not declared, empty", found: known(limited), expected: "recreate" },
    {
      what: "ours with other limits, occupied",
      found: known(),
      inputs: limited,
      participants: 1,
      expected: "recreate: ROOM_OCCUPIED",
    },
    {
      what: "ours with a limit that is not declared, occupied",
      found: known(limited),
      participants: 1,
      expected: "recreate: ROOM_OCCUPIED",
    },
    {
      what: "ours with other limits, occupied, forced",
      found: known(),
      inputs: limited,
      participants: 1,
      isForced: true,
      expected: "recreate",
    },
    { what: "ours with other timeouts, empty", found: known(closing), expected: "recreate" },
    { what: "ours with other timeouts, occupied", found: known(closing), participants: 1, expected: "adopt" },
    {
      what: "ours with other timeouts, occupied, forced",
      found: known(closing),
      participants: 1,
      isForced: true,
      expected: "recreate",
    },
    {
      what: "our record with other limits",
      found: known(),
      inputs: limited,
      traits: RECORD,
      expected: "create",
    },
    {
      what: "our record with a limit that is not declared",
      found: known(limited),
      traits: RECORD,
      expected: "create",
    },
    {
      what: "our record as declared",
      found: known(limited),
      inputs: limited,
      traits: RECORD,
      expected: "adopt",
    },
    {
      what: "the record of a renamed resource, with other limits",
      found: known({ owner: RENAMED }),
      inputs: limited,
      traits: RECORD,
      expected: "adopt",
    },
    { what: "a renamed resource's", found: known({ owner: RENAMED }), expected: "adopt" },
    {
      what: "a renamed resource's with other limits, empty",
      found: known({ owner: RENAMED, maxParticipants: 5 }),
      expected: "recreate",
    },
    {
      what: "a renamed resource's with other limits, occupied",
      found: known({ owner: RENAMED, maxParticipants: 5 }),
      participants: 1,
      expected: "recreate: ROOM_OCCUPIED",
    },
    {
      what: "ours of a killed run, without the recording that it was to be made with, empty",
      found: known(),
      inputs: { enableRecording: true },
      isUnrecorded: true,
      expected: "recreate",
    },
    {
      what: "ours of a killed run, without the recording that it was to be made with, occupied",
      found: known(),
      inputs: { enableRecording: true },
      isUnrecorded: true,
      participants: 1,
      expected: "recreate: ROOM_OCCUPIED",
    },
    {
      what: "another's record",
      found: known({ owner: ANOTHER }),
      traits: RECORD,
      expected: "create: ALREADY_EXISTS",
    },
  ];

  test.each(rows)("$expected where it is $what", (row) => {
    const { found, inputs = {}, traits = PERSISTENT, participants = 0, expected } = row;
    const { wasDeleted = false, isForced = false } = row;
    const tag = "tag" in row ? row.tag : OURS;
    const canMove = found.is === "known" && found.value.owner === RENAMED;
    const { isUnrecorded = false } = row;
    const observation = { room: found, participants, canMove, isUnrecorded };
    const decision = decideCreation({
      ...{ id: "memory:hall", declared: declared(inputs), tag, observation, traits, wasDeleted, isForced },
    });
    expect(outcome(decision)).toBe(expected);
    expect(decision.adoption !== undefined).toBe(expected === "adopt");
  });

  test("adopted with a warning where its timeouts stay", () => {
    const adopt = (owner: string) =>
      decideCreation({
        ...{ id: "memory:hall", declared: declared({ adopt: true }), tag: OURS, traits: PERSISTENT },
        observation: {
          room: known({ owner, ...closing }),
          participants: 1,
          canMove: false,
          isUnrecorded: false,
        },
        ...{ wasDeleted: false, isForced: false },
      }).warnings;
    expect(adopt(OURS)).toEqual([expect.stringContaining("with its own timeouts until it is empty: ")]);
    expect(adopt(ANOTHER)).toEqual([expect.stringContaining("with its own timeouts: ")]);
  });

  test.each([
    ["its own metadata", {}, { team: "core" }],
    ["the declared metadata", { metadata: { team: "edge" } }, { team: "edge" }],
  ])("adopted with %s", (_what, inputs, metadata) => {
    const { adoption } = decideCreation({
      ...{ id: "memory:hall", declared: declared(inputs), tag: OURS, traits: PERSISTENT },
      observation: {
        ...{ room: known({ metadata: { team: "core" } }), participants: 0, canMove: false },
        isUnrecorded: false,
      },
      ...{ wasDeleted: false, isForced: false },
    });
    expect(adoption).toMatchObject({ metadata, isOurs: true });
  });
});

describe("a room that was just created is", () => {
  test.each<[string, Observed<Room>, Partial<RoomInputs>, string | undefined, string, number]>([
    ["as declared", known(), {}, OURS, "keep", 0],
    ["without a record at the gateway", unrecorded, { maxParticipants: 2 }, OURS, "keep", 0],
    ["not observable", unobservable(), { maxParticipants: 2 }, OURS, "keep", 0],
    ["another's, who was quicker", known({ owner: ANOTHER }), {}, OURS, "keep: ALREADY_EXISTS", 0],
    ["untagged, where a tag was asked for", known({ owner: null }), {}, OURS, "keep: ALREADY_EXISTS", 0],
    ["untagged, where rooms carry no tag", known({ owner: null }), {}, undefined, "keep", 0],
    [
      "larger than declared",
      known({ maxParticipants: 9 }),
      { maxParticipants: 2 },
      OURS,
      "delete: UNSUPPORTED",
      0,
    ],
    ["unlimited instead", known(), { maxParticipants: 2 }, OURS, "delete: UNSUPPORTED", 0],
    [
      "larger, and maybe another's",
      known({ owner: null }),
      { maxParticipants: 2 },
      undefined,
      "keep: UNSUPPORTED",
      0,
    ],
    ["smaller than declared", known({ maxParticipants: 1 }), { maxParticipants: 2 }, OURS, "keep", 1],
    ["with other timeouts", known({ emptyTimeoutSeconds: 5 }), { emptyTimeoutSeconds: 60 }, OURS, "keep", 1],
  ])("%s", (_what, created, inputs, tag, expected, warnings) => {
    const decision = decideCreated({ declared: declared(inputs), tag, created });
    expect(outcome(decision)).toBe(expected);
    expect(decision.warnings).toHaveLength(warnings);
  });
});

describe("a refresh", () => {
  const settings = { maxParticipants: 12, emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER };
  const limited = { maxParticipants: 12, vendorSettings: settings };
  test.each<[string, Observed<Room>, Partial<RoomState>, RoomTraits, number, string, object | undefined]>([
    ["a room as declared", known(), {}, PERSISTENT, 0, "update", {}],
    ["a room that is gone", absent, {}, PERSISTENT, 0, "remove", undefined],
    ["a room that no join brings back", absent, { emptyTimeoutSeconds: 60 }, PLAIN, 0, "remove", undefined],
    [
      "a room that has closed by itself",
      absent,
      { emptyTimeoutSeconds: 60 },
      PERSISTENT,
      0,
      "keep",
      undefined,
    ],
    ["a gateway's record that is gone", unrecorded, {}, RECORD, 0, "remove", undefined],
    [
      "a record that the gateway never had",
      unrecorded,
      { owner: undefined, vendorSettings: {} },
      RECORD,
      0,
      "keep",
      undefined,
    ],
    [
      "a record that is gone from the gateway, which has no timeout of its own",
      absent,
      { emptyTimeoutSeconds: 60 },
      RECORD,
      0,
      "remove",
      undefined,
    ],
    ["what is not observable", unobservable(), {}, RECORD, 0, "keep", undefined],
    ["a state-only resource", unobservable(), {}, STATE_ONLY, 0, "keep", undefined],
    ["a room of another owner", known({ owner: ANOTHER }), {}, PERSISTENT, 0, "remove", undefined],
    ["a room that has moved on", known({ owner: RENAMED }), {}, PERSISTENT, 0, "update", {}],
    ["a room without its tag", known({ owner: null }), {}, PERSISTENT, 0, "update", {}],
    [
      "another limit",
      known({ maxParticipants: 5 }),
      limited,
      PERSISTENT,
      0,
      "update",
      { maxParticipants: 5 },
    ],
    ["no limit any more", known(), limited, PERSISTENT, 2, "update", { maxParticipants: undefined }],
    [
      "a limit that the server had capped already",
      known({ maxParticipants: 9 }),
      { maxParticipants: 12, vendorSettings: { ...settings, maxParticipants: 9 } },
      PERSISTENT,
      0,
      "update",
      {},
    ],
    [
      "other timeouts, empty",
      known({ emptyTimeoutSeconds: 300 }),
      {},
      PERSISTENT,
      0,
      "update",
      { emptyTimeoutSeconds: 300 },
    ],
    [
      "another timeout after the last departure",
      known({ departureTimeoutSeconds: 20 }),
      {},
      PERSISTENT,
      0,
      "update",
      { emptyTimeoutSeconds: 20 },
    ],
    ["other timeouts, occupied", known({ emptyTimeoutSeconds: 300 }), {}, PERSISTENT, 1, "update", {}],
    [
      "other timeouts and another limit, occupied",
      known({ emptyTimeoutSeconds: 300 }),
      limited,
      PERSISTENT,
      1,
      "update",
      { maxParticipants: undefined, emptyTimeoutSeconds: 300 },
    ],
    [
      "other metadata",
      known({ metadata: { a: 2 } }),
      { metadata: { a: 1 } },
      PERSISTENT,
      0,
      "update",
      { metadata: { a: 2 } },
    ],
    [
      "metadata that is no object any more",
      known({ metadata: null }),
      { metadata: { a: 1 } },
      PERSISTENT,
      0,
      "update",
      { metadata: undefined },
    ],
    ["metadata that is not declared", known({ metadata: { a: 2 } }), {}, PERSISTENT, 0, "update", {}],
    [
      "a limit that the gateway does not report",
      known({ untold: ["maxParticipants"] }),
      limited,
      RECORD,
      0,
      "update",
      {},
    ],
    [
      "metadata that the gateway does not report",
      known({ metadata: null, untold: ["metadata"] }),
      { metadata: { a: 1 } },
      RECORD,
      0,
      "update",
      {},
    ],
  ])("of %s", (_what, found, stored, traits, participants, expected, drift) => {
    const observation = { room: found, participants };
    const decision = decideRefresh({ id: "memory:hall", state: state(stored), observation, traits });
    expect(outcome(decision)).toBe(expected);
    expect(decision.drift).toEqual(drift);
    const isForeign = found.is === "known" && found.value.owner === ANOTHER;
    const waits = participants === 1 && drift !== undefined && !("maxParticipants" in drift);
    expect(decision.warnings).toHaveLength(isForeign || waits ? 1 : 0);
  });
});

describe("an update", () => {
  test.each<[string, Observed<Room>, Partial<RoomState>, Partial<RoomInputs>, RoomTraits, string, object]>([
    [
      "a room",
      known(),
      {},
      { metadata: { a: 1 } },
      PERSISTENT,
      "change",
      { metadata: { a: 1 }, rewrites: false },
    ],
    [
      "metadata that is no longer declared",
      known({ metadata: { a: 1 } }),
      { metadata: { a: 1 } },
      {},
      PERSISTENT,
      "change",
      { metadata: {} },
    ],
    [
      "metadata that never was declared",
      known({ metadata: { b: 1 } }),
      {},
      {},
      PERSISTENT,
      "change",
      { metadata: { b: 1 } },
    ],
    ["a room that is gone", absent, {}, {}, PERSISTENT, "create", {}],
    ["a room that no join brings back", absent, {}, { emptyTimeoutSeconds: 60 }, PLAIN, "create", {}],
    [
      "a room that has closed by itself",
      absent,
      {},
      { emptyTimeoutSeconds: 60 },
      PERSISTENT,
      "redeclare",
      {},
    ],
    ["a room of another owner", known({ owner: ANOTHER }), {}, {}, PERSISTENT, "change: ALREADY_EXISTS", {}],
    [
      "a room that has moved on",
      known({ owner: RENAMED }),
      {},
      {},
      PERSISTENT,
      "change",
      { rewrites: false },
    ],
    ["a room without its tag", known({ owner: null }), {}, {}, PERSISTENT, "change", {}],
    [
      "limits that only a replacement changes",
      known(),
      {},
      { maxParticipants: 5 },
      PERSISTENT,
      "change",
      { rewrites: false },
    ],
    ["a record", known(), {}, { maxParticipants: 5 }, RECORD, "change", { rewrites: true }],
    [
      "a record with a limit that is not declared",
      known({ maxParticipants: 5 }),
      {},
      {},
      RECORD,
      "change",
      { rewrites: true },
    ],
    [
      "a record as declared",
      known({ maxParticipants: 5 }),
      {},
      { maxParticipants: 5 },
      RECORD,
      "change",
      { rewrites: false },
    ],
    ["a record that is gone", unrecorded, {}, { emptyTimeoutSeconds: 60 }, RECORD, "create", {}],
    ["what is not observable", unobservable(), {}, {}, RECORD, "create", {}],
    ["a state-only resource", unobservable(), {}, { maxParticipants: 5 }, STATE_ONLY, "redeclare", {}],
  ])("of %s", (_what, found, stored, inputs, traits, expected, more) => {
    const asked = {
      id: "memory:hall",
      state: state(stored),
      declared: declared(inputs),
      observed: found,
      traits,
    };
    const decision = decideUpdate(asked);
    expect(outcome(decision)).toBe(expected);
    expect(decision).toMatchObject(more);
  });
});

describe("a removal", () => {
  const FOUND = {
    "an empty room": known(),
    "an occupied room": known({ numParticipants: 2 }),
    "a room of another owner": known({ owner: ANOTHER, numParticipants: 2 }),
    "a room that has moved on": known({ owner: RENAMED, numParticipants: 2 }),
    "an untagged, occupied room": known({ owner: null, numParticipants: 2 }),
    nothing: absent,
    "an on-demand room without a record": unrecorded,
    "an empty room of which little is reported": unobservable(),
    "an occupied room of which little is reported": unobservable({ numParticipants: 2 }),
  } as const satisfies Record<string, Observed<Room>>;
  type Found = keyof typeof FOUND;
  /** Plain, forced, and forced without the keys to close it. */
  type Outcomes = readonly [string, string, string];
  const CANNOT = "delete: NOT_CONFIGURED";
  const BY_FOUND: Record<Found, Outcomes> = {
    "an empty room": ["delete", "delete", CANNOT],
    "an occupied room": ["delete: ROOM_OCCUPIED", "delete", CANNOT],
    "a room of another owner": ["delete: ALREADY_EXISTS", "delete: ALREADY_EXISTS", "delete: ALREADY_EXISTS"],
    "a room that has moved on": ["forget", "forget", "forget"],
    "an untagged, occupied room": ["delete: ROOM_OCCUPIED", "delete", CANNOT],
    nothing: ["delete", "delete", "delete"],
    "an on-demand room without a record": ["forget", "delete", "delete"],
    "an empty room of which little is reported": ["delete", "delete", CANNOT],
    "an occupied room of which little is reported": ["delete: ROOM_OCCUPIED", "delete", CANNOT],
  };
  const STATE: Outcomes = ["forget", "delete", CANNOT];
  const FORCE = ["plain", "forced", "forced, without the keys"] as const;
  const rows = Object.entries({ PERSISTENT, PLAIN, RECORD, STATE_ONLY }).flatMap(([life, traits]) =>
    (Object.keys(FOUND) as Found[]).flatMap((found) =>
      FORCE.map((force, index) => {
        const expected = (traits.isStateOnly ? STATE : BY_FOUND[found])[index] ?? "";
        return { life, traits, found, force, expected };
      }),
    ),
  );

  test.each(rows)("of $found, $force ($life): $expected", ({ traits, found, force, expected }) => {
    const closeGap = force === "forced, without the keys" ? "a key is missing" : undefined;
    const decision = decideRemoval({
      ...{ id: "memory:hall", state: state(), traits, isForced: force !== "plain" },
      observation: { room: FOUND[found], closeGap },
    });
    expect(outcome(decision)).toBe(expected);
  });
});
