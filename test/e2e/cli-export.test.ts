import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EncodedFileOutput } from "livekit-server-sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { startAgora } from "../emulators/agora.ts";
import { atEndOfFile } from "../support/cleanup.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { activate } from "../support/recordings.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { joinPlainly } from "../support/tokens.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** Everything that could be changed of the rooms and recordings of the server; metadata without this stack's tag. */
async function live(before: Record<string, { metadata: string }> = {}) {
  const rooms = (await server.service.listRooms()).map((room) => {
    const { name, sid, emptyTimeout, departureTimeout, maxParticipants, metadata } = room;
    const limits = { sid, emptyTimeout, departureTimeout, maxParticipants };
    const was = before[name]?.metadata;
    // A tag is written into the metadata, which is the same apart from that, and from white space.
    const isMarked = was !== undefined && was !== metadata && sameButForMark(was, metadata);
    return [name, { ...limits, metadata: isMarked ? was : metadata }] as const;
  });
  const egresses = await server.recordings.listEgress({ active: true });
  const recordings = egresses.map(({ egressId, roomName, status }) => [egressId, roomName, status].join(" "));
  return { rooms: Object.fromEntries(rooms), recordings: recordings.sort() };
}

function sameButForMark(before: string, after: string): boolean {
  const { $owner: tag, ...rest } = JSON.parse(after) as Record<string, unknown>;
  expect(tag).toMatch(/^[0-9a-f]{12}-[0-9a-f]{12}$/);
  expect(rest).toEqual(JSON.parse(before || "{}"));
  return true;
}

interface Exported {
  manifest: { rooms: Record<string, object>; recordings: Record<string, object> };
  remarks: { path: string; message: string }[];
  leftOut: { id: string; reason: string }[];
  unlisted: { vendor: string }[];
}

/** A server with rooms and recordings of others is exported, and the file carried out. */
async function playLivekit() {
  const { service, recordings } = server;
  const stranger = '{"$owner":"0123456789ab-0123456789ab","team":"theirs"}';
  await service.createRoom({ name: "plain" });
  await service.createRoom({
    name: 'Saal 1/"Köln"\n# x',
    metadata: `{ "team": "core",\n "price": 1.50, "note": "\${env:HOME}" }`,
    maxParticipants: 7,
    emptyTimeout: 900,
    departureTimeout: 900,
  });
  await service.createRoom({ name: "legacy", metadata: "v1;host=alice" });
  await service.createRoom({ name: "ids", metadata: '{"id":12345678901234567890}' });
  await service.createRoom({ name: "secretive", metadata: '{"apiKey":"hush-hush"}' });
  await service.createRoom({ name: "theirs", metadata: stranger });
  await joinPlainly(server, "joined", "bob");
  const record = (room: string) =>
    recordings.startRoomCompositeEgress(room, new EncodedFileOutput({ filepath: `out/${room}.ogg` }), {
      audioOnly: true,
    });
  const { egressId } = await record("joined");
  await activate(server, "joined", egressId);
  const lonely = await record("legacy");
  const before = await live();

  const folder = new RtcFolder(server.env);
  const exported = await folder.run(0, "export --project acme --output rtc.yaml");
  const yaml = readFileSync(join(folder.dir, "rtc.yaml"), "utf8");
  const afterExport = await live(before.rooms);
  const valid = await folder.json(0, "validate");
  const adopted = await folder.json(0, "up");
  const afterAdoption = await live(before.rooms);
  // As in the file, the lines with adopt are removed.
  folder.write("rtc.yaml", yaml.replaceAll(/^ +adopt: true\n/gm, ""));
  const released = await folder.json(0, "up");
  await folder.run(0, "preview --refresh --expect-no-changes");
  const afterRelease = await live(before.rooms);
  const again = await folder.json<Exported>(0, "export");
  const some = await folder.run(0, "export --prefix leg --vendor livekit --stack other");
  const wrong = [];
  for (const options of ["--output rtc.yaml", "--vendor livekitt", "--vendor agora"])
    wrong.push((await folder.run(2, `export ${options}`)).stderr);
  await folder.run(3, "export", { LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more" });
  return {
    ...{ egressId, lonely: lonely.egressId, before, exported, yaml, afterExport, valid, adopted },
    ...{ afterAdoption, released, afterRelease, again, some, wrong },
  };
}

describe("What is live at a vendor", () => {
  let s: Awaited<ReturnType<typeof playLivekit>>;
  beforeAll(async () => {
    s = await playLivekit();
  });

  test("is exported as a manifest that is valid, with remarks and without secrets, and nothing is touched", () => {
    expect(s.before.recordings).toHaveLength(2);
    expect(s.exported.stdout).toBe("");
    expect(s.exported.stderr).toContain(
      "rtc.yaml: 6 rooms, 1 recording; 2 left out, see the comments at the end",
    );
    expect(s.yaml).not.toContain("hush-hush");
    expect(s.yaml).toContain(`  # livekit:${s.egressId}, which continues\n  joined:\n    room: joined\n`);
    expect(s.afterExport).toEqual(s.before);
    expect(s.valid).toEqual({ project: "acme", rooms: 6, recordings: 1 });
  });

  test("is adopted by up without a change, and stays as it is without adopt", () => {
    expect(s.adopted).toMatchObject({ result: "succeeded", changes: { create: 7 }, errors: [] });
    expect(s.afterAdoption).toEqual(s.before);
    expect(s.released).toMatchObject({ changes: { update: 6, same: 1 } });
    expect(s.afterRelease).toEqual(s.before);
  });

  test("is left out of a later export where the stack manages it, or it cannot have an ownership tag", () => {
    const { manifest, remarks, leftOut } = s.again;
    expect(manifest).toMatchObject({ apiVersion: "rtc/v1", project: "acme", recordings: {} });
    expect(Object.keys(manifest.rooms)).toEqual(["ids", "legacy"]);
    expect(remarks.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["rooms.ids", "rooms.legacy", "rooms.legacy.emptyTimeoutSeconds"]),
    );
    expect(leftOut).toHaveLength(7);
    expect(leftOut).toEqual(
      expect.arrayContaining([
        { id: "livekit:plain", reason: expect.stringContaining("this stack's ownership tag") },
        { id: "livekit:theirs", reason: expect.stringContaining("would take it from that stack") },
        { id: `livekit:${s.egressId}`, reason: "its room is left out" },
        { id: `livekit:${s.lonely}`, reason: expect.stringContaining("its room gets no ownership tag") },
      ]),
    );
  });

  test("is exported by prefix and vendor", () => {
    expect(s.some.stdout).toMatch(/\nrooms:\n(?: {2}# .*\n)+ {2}legacy:\n {4}vendor: livekit\n/);
    expect(s.some.stdout).not.toContain("ids");
  });

  test("is not exported over a file, nor from a vendor that is unknown or not configured", () => {
    const words = ["exists already, and is not overwritten", "livekitt is not a vendor", "AGORA_APP_ID"];
    expect(s.wrong).toEqual(words.map((word) => expect.stringContaining(word)));
  });
});

test("Occupied channels become state-only resources, and a vendor that cannot list is named", async () => {
  const secret = "fa94dd0f974cf2e293728a526b028271";
  const keys = { customerId: "customer", customerSecret: "canary" };
  const agora = await startAgora({ appId: secret, appCertificate: secret, ...keys });
  atEndOfFile(agora.stop);
  agora.join("town hall", { uid: 7 });
  const folder = new RtcFolder({
    AGORA_APP_ID: secret,
    AGORA_APP_CERTIFICATE: secret,
    AGORA_CUSTOMER_ID: keys.customerId,
    AGORA_CUSTOMER_SECRET: keys.customerSecret,
    AGORA_BASE_URL: agora.url,
    ZEGO_APP_ID: "1234567890",
    ZEGO_SERVER_SECRET: secret,
  });
  const found = await folder.json<Exported>(0, "export --project acme");
  expect(found.manifest.rooms).toEqual({ "town-hall": { name: "town hall", vendor: "agora" } });
  expect(found.unlisted).toMatchObject([{ vendor: "zego" }]);
  const { stdout } = await folder.run(0, "export --project acme --output rtc.yaml --json");
  expect(JSON.parse(stdout)).toEqual(found);
  const calls = agora.calls.length;
  expect(await folder.json(0, "up")).toMatchObject({ changes: { create: 1 } });
  expect(agora.calls.length).toBe(calls);
  expect(agora.participants("town hall")).toEqual([7]);
});
