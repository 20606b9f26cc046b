import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import {
  activate,
  expectStatus,
  leave,
  nameOf,
  publishIn,
  recorded,
  recordersIn,
  snapshotOf,
  storedIds,
  storedRecordings,
  together,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isCoreOnly, isThrough, UPDATE } from "../support/through.ts";
import { changesIn, changesOf, messagesOn, program, reasonsFor, roomsOf } from "../support/world.ts";

/** What changes in place: each in the recording of its name. */
const CHANGED = {
  layout: "speaker-dark",
  metadata: { week: 8 },
  restartPolicy: "onFailure",
  forceDestroy: true,
} as const;
const IN_PLACE = Object.keys(CHANGED) as (keyof typeof CHANGED)[];
/** What makes another recording: where that is, and why. */
const REPLACED = [
  ["outputUri", "outputUri", "outputUri cannot be changed in place"],
  ["audioOnly", "audioOnly", "audioOnly cannot be changed in place"],
  ["room", "other", "it records another room"],
] as const;

/** A gateway finds out whose a bare name is, and the resource goes on with the name. */
const TOWNHALL = isThrough ? "townhall" : "livekit:townhall";
/** A recording template that follows a changed layout, which LiveKit's own does not. */
const TEMPLATE = { RTC_LIVEKIT_CUSTOM_TEMPLATE: "true" };
/** The recordings of a picture: audio has no layout. */
const VIDEO = { audioOnly: false };
/** What is there and is no key of ours: an egress server uses its own where none is configured. */
const FOREIGN_KEYS = {
  AWS_ACCESS_KEY_ID: "canary",
  AWS_SECRET_ACCESS_KEY: "canary",
  GOOGLE_APPLICATION_CREDENTIALS_JSON: "canary",
  AZURE_STORAGE_KEY: "canary",
};

/** A recording of a room that is not managed here, given by its name. */
function townhall(inputs: object = {}): string {
  const all = { room: "townhall", ...VIDEO, outputUri: "out/townhall/", ...inputs };
  return program(`new rtc.RtcRecording("townhall", ${JSON.stringify(all)});`);
}

/** The recording of a room under another resource name. */
function renamed(text: string, name: string, options = "{}"): string {
  return text
    .replace(/RtcRecording\("[^"]*"/, `RtcRecording("${name}"`)
    .replace(" });\nexports", ` }, ${options});\nexports`);
}

const CLOUDS = ["s3://acme/calls/", "gs://acme/calls/", "azblob://calls@acme/calls/"].map((outputUri) =>
  recorded(outputUri.slice(0, 2), { outputUri }),
);
const SAME = [recorded("class"), recorded("plain").replace('"outputUri":"out/plain/"', ""), ...CLOUDS];
const OTHER = `const other = new rtc.RtcRoom("other", { emptyTimeoutSeconds: 600 });\nconst recording`;
const moving = recorded("room").replace("const recording", OTHER);
const radio = recorded("radio", { restartPolicy: "always" });

const before = together(
  ...SAME,
  ...IN_PLACE.map((input) => recorded(input, input === "layout" ? VIDEO : {})),
  ...[recorded("outputUri"), recorded("audioOnly"), moving],
  ...[recorded("talk"), radio, townhall()],
);
const after = together(
  ...SAME,
  ...IN_PLACE.map((input) =>
    recorded(input, { ...(input === "layout" ? VIDEO : {}), [input]: CHANGED[input] }),
  ),
  recorded("outputUri", { outputUri: "out/new/" }),
  recorded("audioOnly", { audioOnly: false }),
  moving.replace("{ room,", "{ room: other,"),
  renamed(recorded("talk"), "speech"),
  renamed(radio, "station", '{ aliases: [{ name: "radio" }] }'),
  townhall({ layout: "speaker", room: TOWNHALL }), // the same room by its id
  recorded("standup", { metadata: { week: 7 } }),
);

let played: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  played = await play();
}, 240_000);

/** Takes one stack from its first up to its destroy; returns the result of each step, and what existed then. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const { sid } = await server.service.createRoom({ name: "townhall", emptyTimeout: 600 });
  const env = await server.envWith({ ...FOREIGN_KEYS, ...TEMPLATE });
  const stack = await newStack({
    program: before,
    env,
    config: { "rtc:recordingOutput": "out/all/" },
  });
  await stack.up();
  const ids = await storedIds(stack);
  const first = { ids, state: await storedRecordings(stack), recordings: await snapshotOf(server) };
  // Through the core capabilities alone another layout replaces the recording, and another name stops it: not while
  // a participant is there.
  const active = ["class", "talk", ...IN_PLACE].filter((room) => !(isCoreOnly && /layout|talk/.test(room)));
  const participants = active.map(
    async (room) => [room, await activate(server, room, ids[room] ?? "")] as const,
  );
  const joined = await Promise.all(participants);
  await stack.refresh(["--expect-no-changes"]);
  const refreshed = { state: await storedRecordings(stack) };

  stack.write(after);
  const preview = await stack.preview();
  const previewed = { preview, recordings: await snapshotOf(server) };
  const up = await stack.up();
  const replaced = REPLACED.map(([name]) => ids[name] ?? "");
  const changed = {
    up,
    ids: await storedIds(stack),
    state: await storedRecordings(stack),
    recordings: await snapshotOf(server, isCoreOnly ? [...replaced, ids["townhall"] ?? ""] : replaced),
    recorders: await recordersIn(server, "layout"),
    standup: await roomAt(server, "standup"),
  };

  await server.egress.killRecorder(ids["radio"] ?? "");
  const standup = ["standup", await publishIn(server, "standup")] as const;
  await expectStatus(server, ids["radio"] ?? "", "EGRESS_FAILED");
  await expectStatus(server, changed.ids["standup"] ?? "", "EGRESS_ACTIVE");
  const restarted = {
    up: await stack.up(["--refresh"]),
    ids: await storedIds(stack),
    state: await storedRecordings(stack),
    recordings: await snapshotOf(server),
  };
  await stack.expectNoChanges(["--refresh"]);

  await Promise.all([...joined, standup].map(([room, person]) => leave(server, room, person)));
  const running = (await snapshotOf(server)).running();
  const { counts, operations } = await stack.destroy();
  const recordings = await snapshotOf(server, running);
  const destroyed = { counts, operations, rooms: await roomsOf(server), recordings };
  // That of the gateway, where there is one.
  const endpoint = env["RTC_ENDPOINT"] ?? server.endpoint;
  return { endpoint, sid, first, refreshed, previewed, changed, restarted, destroyed };
}

describe("a declared recording", () => {
  test("is started by up, which is done while the room is still empty, and not by a preview", () => {
    const { previewed, changed, endpoint } = played;
    expect(changesOf(previewed.preview, "standup")).toEqual(["create standup", "create standup"]);
    expect(previewed.recordings.of("standup")).toEqual([]);
    const [egress, ...others] = changed.recordings.of("standup");
    expect(others).toEqual([]);
    expect(egress?.request.value).toMatchObject({ roomName: "standup", layout: "", audioOnly: true });
    expect(changed.recordings.running("standup")).toEqual([egress?.egressId]);
    expect(changed.state["standup"]).toEqual({
      __provider: "exports.handler=()=>require('pulumi-rtc/provider').recording",
      room: "livekit:standup",
      roomSid: changed.standup?.sid,
      vendor: "livekit",
      audioOnly: true,
      outputUri: "out/standup/",
      metadata: { week: 7 },
      recording: `livekit:${egress?.egressId}`,
      status: "starting",
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      endpoint,
      ...(isCoreOnly && { unverified: true }),
      schemaVersion: 1,
    });
  });

  test("becomes active when a participant publishes, which a refresh stores and no command reports as a change", () => {
    const { first, refreshed, changed, restarted } = played;
    const recording = `livekit:${first.ids["class"]}`;
    expect(refreshed.state["class"]).toMatchObject({ status: "active", recording });
    expect(changesOf(changed.up, "class")).toEqual([]);
    expect(restarted.recordings.running("class")).toEqual([first.ids["class"]]);
    expect(changesOf(restarted.up, "standup")).toEqual([]);
    expect(restarted.state["standup"]).toMatchObject({ status: "active" });
  });

  test.each(IN_PLACE)("takes another %s while it runs", (input) => {
    const { first, changed } = played;
    const id = first.ids[input] ?? "";
    expect(changesOf(changed.up, input)).toEqual([`update ${input}`]);
    expect(reasonsFor(changed.up, input)).toEqual([input]);
    expect(changed.state[input]).toMatchObject({ [input]: CHANGED[input], recording: `livekit:${id}` });
    expect(changed.recordings.of(input)).toHaveLength(1);
    expect(nameOf(changed.recordings.at(id).status)).toBe("EGRESS_ACTIVE");
  });

  test("applies its new layout to the running recorder", () => {
    const [recorder, ...others] = played.changed.recorders;
    expect(others).toEqual([]);
    expect(JSON.parse(recorder?.metadata ?? "")).toEqual({ layout: CHANGED.layout });
  });

  test.each(REPLACED)(
    "is replaced where %s changes: one ends, one runs in %s, since %s",
    (input, room, why) => {
      const { first, previewed, changed } = played;
      expect(messagesOn(previewed.preview, input).join("\n")).toContain(why);
      expect(changesOf(changed.up, input)).toEqual([`replace ${input}`]);
      const old = changed.recordings.at(first.ids[input] ?? "");
      expect(nameOf(old.status)).toBe("EGRESS_ABORTED");
      expect(old.roomName).toBe(input);
      const place = input === "room" ? room : input;
      expect(changed.recordings.running(place)).toEqual([changed.ids[input]]);
      if (place !== input) expect(changed.recordings.running(input)).toEqual([]);
      const inputs = { room: `livekit:${place}`, audioOnly: input !== "audioOnly" };
      expect(changed.state[input]).toMatchObject(inputs);
    },
  );

  test("changes as it was previewed", () => {
    const { previewed, changed } = played;
    expect(changesIn(changed.up).sort()).toEqual(changesIn(previewed.preview).sort());
  });

  test("writes to rtc:recordingOutput where it names no outputUri itself", () => {
    const { state, recordings } = played.first;
    expect(state["plain"]).toMatchObject({ outputUri: "out/all/" });
    expect(recordings.of("plain")[0]?.fileResults[0]?.filename).toMatch(/^out\/all\/plain-.+\.ogg$/);
  });

  test("writes with the egress server's own keys where none are configured, whatever is in the environment", () => {
    const uploads = ["s3", "gs", "az"].map((room) => {
      const [egress] = played.first.recordings.of(room);
      return egress?.request.case === "roomComposite" && egress.request.value.fileOutputs[0]?.output.value;
    });
    expect(uploads).toEqual([
      expect.objectContaining({ bucket: "acme", accessKey: "", secret: "", sessionToken: "" }),
      expect.objectContaining({ bucket: "acme", credentials: "" }),
      expect.objectContaining({ containerName: "calls", accountKey: "" }),
    ]);
  });

  test("leaves nothing running when it is destroyed with its room", () => {
    const { counts, operations, rooms, recordings } = played.destroyed;
    expect(counts.delete).toBe(operations.length);
    expect(operations.filter(({ name }) => name === "standup")).toHaveLength(2);
    expect(recordings.running()).toEqual([]);
    expect(Object.keys(rooms)).toEqual(["townhall"]);
  });
});

describe("a recording of a room that is not managed here, given by its name", () => {
  test("is started, changed in place, and destroyed; the room stays", () => {
    const { sid, first, changed, destroyed } = played;
    expect(first.state["townhall"]).toMatchObject({ room: TOWNHALL, roomSid: sid });
    expect(changesOf(changed.up, "townhall")).toEqual([`${UPDATE} townhall`]);
    expect(reasonsFor(changed.up, "townhall")).toEqual(["layout"]);
    const id = isCoreOnly ? expect.any(String) : first.ids["townhall"];
    expect(changed.recordings.running("townhall")).toEqual([id]);
    expect(destroyed.recordings.running("townhall")).toEqual([]);
    expect(destroyed.rooms["townhall"]).toMatchObject({ sid });
  });
});

describe("a renamed recording", () => {
  test("continues, while it is occupied and without an alias", () => {
    const { first, changed } = played;
    const id = first.ids["talk"] ?? "";
    expect([...changesOf(changed.up, "speech"), ...changesOf(changed.up, "talk")]).toEqual([
      ...["create speech", "delete talk"],
    ]);
    expect(changed.up.output).toContain(
      `recording livekit:${id} continues: livekit:talk/speech manages it now`,
    );
    expect(changed.ids["speech"]).toBe(id);
    expect(nameOf(changed.recordings.at(id).status)).toBe("EGRESS_ACTIVE");
    expect(changed.recordings.of("talk")).toHaveLength(1);
  });

  test("is the same with an alias", () => {
    const { first, changed } = played;
    expect([...changesOf(changed.up, "radio"), ...changesOf(changed.up, "station")]).toEqual([]);
    expect(changed.ids["station"]).toBe(first.ids["radio"]);
  });

  test("is restarted by its policy, and stopped by destroy", () => {
    const { first, restarted, destroyed } = played;
    expect(changesIn(restarted.up)).toEqual(["update station"]);
    expect(nameOf(restarted.recordings.at(first.ids["radio"] ?? "").status)).toBe("EGRESS_FAILED");
    const next = restarted.ids["station"];
    expect(restarted.recordings.running("radio")).toEqual([next]);
    expect(next).not.toBe(first.ids["radio"]);
    expect(destroyed.recordings.running("radio")).toEqual([]);
  });
});
