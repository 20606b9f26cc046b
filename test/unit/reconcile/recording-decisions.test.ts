import { describe, expect, test } from "vitest";
import { type Recording, type Room, STATUSES } from "../../../src/contract/index.ts";
import type { Decision, Observed } from "../../../src/reconcile/decision.ts";
import {
  decideChange,
  decideRefresh,
  decideRemoval,
  decideStart,
  decideUpdate,
} from "../../../src/reconcile/recording/decide.ts";
import {
  type RecordingInputs,
  type RecordingState,
  recordingKey,
} from "../../../src/reconcile/recording/state.ts";

/** The decision tables of recordings: what is done for everything that can be declared, stored and observed. */

const ID = "memory:hall/talk";

const state = (more: Partial<RecordingState> = {}): RecordingState => ({
  ...{ room: "memory:hall", roomSid: "RM_1", outputUri: "out/", vendor: "memory" },
  ...{ recording: "memory:EG_1", status: "active", endpoint: "memory", schemaVersion: 1 },
  ...more,
});

const declared = (more: Partial<RecordingInputs> = {}): RecordingInputs => ({
  ...{ room: "memory:hall", outputUri: "out/", vendor: "memory" },
  ...more,
});

const live = (more: Partial<Recording> = {}): Recording => ({
  ...{ recording: "memory:EG_1", room: "memory:hall", roomSid: "RM_1", status: "active" },
  ...{ layout: "grid", audioOnly: false, outputUri: "out/" },
  ...more,
});

const known = (more: Partial<Recording> = {}): Observed<Recording> => ({ is: "known", value: live(more) });
const absent = { is: "absent" } as const;
const unobservable = { is: "unobservable", reason: "the gateway does not advertise it" } as const;

/** `stop`, or `stop: ROOM_OCCUPIED` where a precondition fails. */
const outcome = ({ action, failures }: Decision<string>) =>
  [action, ...failures.map(({ code }) => code)].join(": ");

const ENDED = ["complete", "failed", "aborted", "limit_reached"] as const;
const isEnded = (status: string) => ENDED.some((ended) => ended === status);

describe("a changed input", () => {
  const VALUES = {
    room: ["memory:hall", "memory:lobby", "replace"],
    layout: ["grid", "speaker", "update"],
    audioOnly: [true, false, "replace"],
    outputUri: ["out/", "other/", "replace"],
    metadata: [{ a: 1 }, { a: 2 }, "update"],
    restartPolicy: ["never", "always", "update"],
    vendor: ["memory", "other", "replace"],
    forceDestroy: [true, false, "update"],
  } as const;
  const plain = { layoutGap: undefined, isRoomRecreated: false };
  const change = (
    from: object,
    to: object,
    observation: Parameters<typeof decideChange>[0]["observation"] = plain,
  ) =>
    decideChange({
      ...{ id: ID, state: state(from), declared: { ...declared(), ...to } },
      ...{ observation, isDeclared: true },
    });

  const rows = Object.entries(VALUES).flatMap(([input, [before, after, expected]]) => [
    { input, what: "changed", from: before, to: after, expected },
    { input, what: "left as it is", from: before, to: before, expected: "none" },
  ]);
  test.each(rows)("$input, $what: $expected", ({ input, from, to, expected }) => {
    const decision = change({ [input]: from }, { [input]: to });
    expect(outcome(decision)).toBe(expected);
    expect(decision.replaces).toEqual(expected === "replace" ? [input] : []);
  });

  test.each([
    ["layout", "grid"],
    ["audioOnly", false],
    ["restartPolicy", "never"],
    ["forceDestroy", false],
  ])("%s, where its default is added or removed, is none", (input, value) => {
    expect(outcome(change({}, { [input]: value }))).toBe("none");
    expect(outcome(change({ [input]: value }, {}))).toBe("none");
  });

  test("of the layout replaces where no layout can be changed, with that reason", () => {
    const gap = { layoutGap: "the gateway does not advertise it", isRoomRecreated: false };
    const decision = change({ layout: "grid" }, { layout: "speaker" }, gap);
    expect(outcome(decision)).toBe("replace");
    expect(decision.reasons).toEqual([
      "replaced, since layout cannot be changed in place (the gateway does not advertise it)",
    ]);
  });

  test("of nothing replaces where the room was recreated", () => {
    const decision = change({}, {}, { layoutGap: undefined, isRoomRecreated: true });
    expect(decision).toMatchObject({ action: "replace", replaces: ["roomSid"] });
  });

  test("of nothing restarts where a refresh found that required, and of something does not report it", () => {
    const restarting = { status: "failed", restartPolicy: "always", restartDue: true } as const;
    expect(outcome(change(restarting, { restartPolicy: "always" }))).toBe("restart");
    expect(outcome(change(restarting, { restartPolicy: "onFailure" }))).toBe("update");
    expect(outcome(change(restarting, { restartPolicy: "always", outputUri: "other/" }))).toBe("replace");
  });

  test("is named by the recording where the engine asks before the check, without what is unknown", () => {
    const decision = decideChange({
      ...{ id: ID, state: state(), observation: plain, isDeclared: false },
      declared: { ...declared(), room: "memory:lobby" },
    });
    expect(decision.reasons).toEqual([
      `recording ${ID} is replaced, since it records another room, or its room is recreated`,
    ]);
  });
});

describe("a refresh", () => {
  const POLICIES = ["never", "onFailure", "always"] as const;
  const rows = STATUSES.flatMap((status) =>
    POLICIES.flatMap((restartPolicy) =>
      [true, false].map((roomExists) => {
        const wants =
          isEnded(status) &&
          (restartPolicy === "always" ||
            (restartPolicy === "onFailure" && (status === "failed" || status === "limit_reached")));
        return { status, restartPolicy, roomExists, isDue: wants && roomExists };
      }),
    ),
  );

  test.each(rows)(
    "finds $status, with $restartPolicy and the room there: $roomExists; a restart is required: $isDue",
    ({ status, restartPolicy, roomExists, isDue }) => {
      const observation = { recording: known({ status }), roomExists };
      const decision = decideRefresh({ state: state({ restartPolicy }), observation });
      expect(outcome(decision)).toBe("update");
      expect(decision.state).toMatchObject({ status, recording: "memory:EG_1" });
      expect(decision.state.restartDue === true).toBe(isDue);
    },
  );

  test.each([
    ["never", false],
    ["onFailure", true],
    ["always", true],
  ] as const)(
    "finds one that the vendor ended early, and with %s it is restarted: %s",
    (restartPolicy, isDue) => {
      const error = "it ran out of processor time";
      const recording = known({ status: "complete", endedEarly: true, error });
      const decision = decideRefresh({
        state: state({ restartPolicy }),
        observation: { recording, roomExists: true },
      });
      expect(decision.state.restartDue === true).toBe(isDue);
      expect(decision.state.endedEarly).toBe(true);
      expect(decision.warnings).toEqual([`recording memory:EG_1 of room memory:hall is complete: ${error}`]);
      const again = decideRefresh({
        state: state({ status: "ending", error, restartPolicy }),
        observation: { recording, roomExists: true },
      });
      expect(again.warnings, "once").toEqual([]);
    },
  );

  test.each(ENDED)("leaves one that is %s in the state as it was, whatever the vendor reports", (status) => {
    for (const recording of [absent, unobservable, known()]) {
      const decision = decideRefresh({
        state: state({ status }),
        observation: { recording, roomExists: true },
      });
      expect(decision.state).toEqual(state({ status }));
    }
  });

  test("takes one that has expired at the vendor for ended, without an invented end", () => {
    const decision = decideRefresh({ state: state(), observation: { recording: absent, roomExists: false } });
    expect(decision.state).toMatchObject({
      status: "complete",
      error: expect.stringContaining("not observed"),
    });
    expect(decision.state.endedAt).toBeUndefined();
    expect(decision.warnings).toHaveLength(1);
  });

  test("leaves what cannot be observed in the state, unverified", () => {
    const decision = decideRefresh({
      state: state(),
      observation: { recording: unobservable, roomExists: true },
    });
    expect(outcome(decision)).toBe("keep");
    expect(decision.state).toEqual({ ...state(), unverified: true });
    expect(decision.reasons).toEqual([
      expect.stringContaining("unverified: the gateway does not advertise it"),
    ]);
  });

  test("warns of an error once, and keeps the files of earlier starts", () => {
    const file = (recording: string) => ({ recording, location: `out/${recording}.mp4` });
    const stored = state({ error: "no space", files: [file("memory:EG_0"), file("memory:EG_1")] });
    const found = known({ status: "failed", error: "no space", files: [file("memory:EG_1")] });
    const decision = decideRefresh({ state: stored, observation: { recording: found, roomExists: false } });
    expect(decision.warnings).toEqual([]);
    expect(decision.state.files).toEqual([file("memory:EG_0"), file("memory:EG_1")]);
  });
});

describe("a declared recording", () => {
  const room: Room = {
    ...{ room: "memory:hall", name: "hall", vendor: "memory", state: "open", region: null, createdAt: null },
    ...{ maxParticipants: null, emptyTimeoutSeconds: 60, departureTimeoutSeconds: 60, metadata: {} },
    ...{ numParticipants: 0, sid: "RM_1", endpoint: "memory", owner: null },
  };
  const start = (more: Partial<Parameters<typeof decideStart>[0]> = {}) =>
    decideStart({
      ...{
        id: ID,
        declared: declared(),
        room,
        running: { is: "known", value: [] },
        followsLayout: false,
        claimantOf: () => undefined,
      },
      ...more,
    });
  const running = (...all: Recording[]): Observed<Recording[]> => ({ is: "known", value: all });

  test.each<[string, Parameters<typeof start>[0], string]>([
    ["is rejected where its room is absent", { room: undefined }, "start: NOT_FOUND"],
    ["is started where nothing runs", {}, "start"],
    ["is started in a room that is not this stack's", { running: absent }, "start"],
    ["is started where nothing can be searched for", { running: unobservable }, "start"],
    ["adopts one like it", { running: running(live()) }, "adopt"],
    ["adopts one like it that is starting", { running: running(live({ status: "starting" })) }, "adopt"],
    ["adopts no ending one", { running: running(live({ status: "ending" })) }, "start"],
    [
      "adopts none of another generation of the room",
      { running: running(live({ roomSid: "RM_0" })) },
      "start",
    ],
    ["adopts none with another layout", { running: running(live({ layout: "speaker" })) }, "start"],
    ["adopts none with audio only", { running: running(live({ audioOnly: true })) }, "start"],
    ["adopts none to another place", { running: running(live({ outputUri: "other/" })) }, "start"],
    [
      "adopts none that another resource has",
      { running: running(live()), claimantOf: () => "memory:hall/other" },
      "start",
    ],
    ["adopts one that it has itself", { running: running(live()), claimantOf: () => ID }, "adopt"],
    [
      "adopts the one of several that is like it",
      { running: running(live({ layout: "speaker" }), live()) },
      "adopt",
    ],
    [
      "adopts one with another layout where that changes in place, since the vendor may report the first one",
      { running: running(live({ layout: "speaker" })), followsLayout: true },
      "adopt",
    ],
    [
      "adopts no other recording where a layout changes in place",
      { running: running(live({ layout: "speaker", audioOnly: true })), followsLayout: true },
      "start",
    ],
  ])("%s", (_what, more, expected) => {
    const decision = start(more);
    expect(outcome(decision)).toBe(expected);
    expect(decision.adopts).toEqual(expected === "adopt" ? live(decision.adopts) : undefined);
  });
});

test("Audio has no layout: a declared one makes no other recording and is changed nowhere", () => {
  const audio = { audioOnly: true, layout: "speaker" } as const;
  const asked = { id: ID, state: state({ audioOnly: true }), declared: declared(audio), isDeclared: true };
  const observation = { layoutGap: "it does not", isRoomRecreated: false };
  expect(outcome(decideChange({ ...asked, observation }))).toBe("update");
  expect(outcome(decideUpdate({ ...asked, roomExists: true }))).toBe("redeclare");
  expect(recordingKey({ ...declared(audio) })).toBe(recordingKey({ ...declared(audio), layout: "grid" }));
});

describe("an update", () => {
  const rows = STATUSES.flatMap((status) =>
    [true, false].flatMap((isDue) =>
      (["never", "always"] as const).flatMap((restartPolicy) =>
        (["grid", "speaker"] as const).map((layout) => {
          const restarts = isEnded(status) && isDue && restartPolicy === "always";
          const relayouts = !isEnded(status) && layout === "speaker";
          const expected = restarts ? "restart" : relayouts ? "relayout" : "redeclare";
          return { status, isDue, restartPolicy, layout, expected };
        }),
      ),
    ),
  );

  test.each(rows)(
    "of one that is $status, restart required: $isDue, to $restartPolicy and $layout: $expected",
    ({ status, isDue, restartPolicy, layout, expected }) => {
      const stored = state({ status, restartPolicy: "always", ...(isDue && { restartDue: true }) });
      const asked = { state: stored, declared: declared({ restartPolicy, layout }) };
      expect(outcome(decideUpdate({ ...asked, isDeclared: true, roomExists: true }))).toBe(expected);
    },
  );

  test.each([
    ["starts another where the policy now asks for one", "never", true, true, "restart"],
    ["starts none where its room is absent", "never", false, true, "redeclare"],
    [
      "starts none where the policy asked before, and no refresh found it required",
      "always",
      true,
      true,
      "redeclare",
    ],
    ["starts none without a declaration", "never", true, false, "redeclare"],
  ] as const)("%s", (_what, before, roomExists, isDeclared, expected) => {
    const stored = state({ status: "failed", restartPolicy: before });
    const asked = { state: stored, declared: declared({ restartPolicy: "always" }), isDeclared, roomExists };
    expect(outcome(decideUpdate(asked))).toBe(expected);
  });
});

describe("a removal", () => {
  const FOUND = {
    active: known(),
    starting: known({ status: "starting" }),
    ending: known({ status: "ending" }),
    ended: known({ status: "complete" }),
    expired: absent,
    "not observable": unobservable,
  } as const satisfies Record<string, Observed<Recording>>;
  const rows = Object.entries(FOUND).flatMap(([found, recording]) =>
    [0, 2].flatMap((participants) =>
      [false, true].map((isForced) => {
        const over = found === "ended" || found === "expired";
        const stop = participants > 0 && !isForced ? "stop: ROOM_OCCUPIED" : "stop";
        return { found, recording, participants, isForced, expected: over ? "forget" : stop };
      }),
    ),
  );

  test.each(rows)(
    "of one that is $found, with $participants participants at risk, forced: $isForced: $expected",
    ({ recording, participants, isForced, expected }) => {
      const observation = { recording, participants };
      expect(outcome(decideRemoval({ id: ID, state: state(), observation, isForced }))).toBe(expected);
    },
  );

  test.each(ENDED)("of one that is %s only removes it from the state", (status) => {
    const observation = { recording: known(), participants: 2 };
    expect(outcome(decideRemoval({ id: ID, state: state({ status }), observation, isForced: false }))).toBe(
      "forget",
    );
  });

  test("of one that another resource has hands it over, with participants in the room too", () => {
    const observation = { recording: known(), participants: 2 };
    const asked = { id: ID, state: state(), observation, isForced: false };
    const decision = decideRemoval({ ...asked, claimant: "memory:hall/speech" });
    expect(outcome(decision)).toBe("handOver");
    expect(decision.reasons).toEqual(["recording memory:EG_1 continues: memory:hall/speech manages it now"]);
    expect(outcome(decideRemoval({ ...asked, claimant: ID }))).toBe("stop: ROOM_OCCUPIED");
  });
});
