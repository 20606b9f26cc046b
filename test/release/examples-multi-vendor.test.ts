import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startAgora } from "../emulators/agora.ts";
import { startZego } from "../emulators/zego.ts";
import { Example } from "../support/example.ts";
import { join as joinRoom } from "../support/participants.ts";
import { roomsOf } from "../support/world.ts";

/** It installs packages, and starts the CLI a dozen times. */
const timeout = 600_000;

/** What is typed where the example asks for one of Agora's or ZEGO's secrets. */
const typed = "fa94dd0f974cf2e293728a526b028271";

test("examples/multi-vendor: every command of its README works, with LiveKit, and with stand-ins for Agora and ZEGO", {
  timeout,
}, async () => {
  const [example, agora, zego] = await Promise.all([
    Example.copy("multi-vendor"),
    startAgora({
      appId: "0123456789abcdef0123456789abcdef",
      appCertificate: typed,
      customerId: "example",
      customerSecret: typed,
    }),
    startZego({ appId: 1_234_567_890, serverSecret: typed }),
  ]);
  const { server, person, folder } = example;
  Object.assign(person.env, { AGORA_BASE_URL: agora.url, ZEGO_BASE_URL: zego.url });
  const [install, livekitKeys, agoraKeys, zegoKeys, up, tokens, moved, destroy, force, ...more] =
    example.commands;
  expect(more).toEqual([]);
  const calls = () => [...agora.calls, ...zego.calls].map(({ api }) => api);

  await example.run(install ?? "");
  await example.run("npx --no-install tsc --project .");
  await example.run(livekitKeys ?? "");
  for (const keys of [agoraKeys, zegoKeys]) await person.types(keys ?? "", folder, { typed });
  const config = readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8");
  for (const secret of [typed, server.apiSecret]) expect(config).not.toContain(secret);

  // The preview reports what is not enforced, and what support has to switch on, once each; its rows repeat the last of it.
  const [, preview = "", update = ""] = (await example.run(up ?? "")).split(/Diagnostics:|Updating \(/);
  for (const warning of [
    "maxParticipants is not enforced: Agora has no such limit",
    "only where Agora's support has switched on co-host authentication",
    "only where its support team has switched on room privileges",
  ])
    expect([preview.split(warning).length, update.split(warning).length], warning).toEqual([2, 1]);
  expect(Object.keys(await roomsOf(server))).toEqual(["stage"]);
  await example.run("pulumi preview --refresh --expect-no-changes");
  expect(calls(), "calls to the vendors whose rooms are records").toEqual([]);

  // Participants come by the tokens of the script; each vendor checks its own.
  const access = JSON.parse(await example.run(tokens ?? "")) as Record<
    string,
    { token: string; room: string }
  >;
  const token = (room: string) => access[room]?.token ?? "";
  expect(Object.values(access).map(({ room }) => room)).toEqual([
    "agora:foyer",
    "zego:lounge",
    "livekit:stage",
    "agora:town-hall",
  ]);
  const onStage = await joinRoom(server.url, token("stage"));
  expect([onStage.room.name, onStage.identity]).toEqual(["stage", "1001"]);
  for (const room of ["townHall", "foyer"]) agora.joinWith(token(room));
  zego.joinWith(token("lounge"));
  expect([agora.participants("town-hall"), agora.participants("foyer"), zego.participants("lounge")]).toEqual(
    [[1001], [1001], ["1001"]],
  );
  expect(() => agora.join("another-hall", { uid: 1001 }, { token: token("townHall") })).toThrow(
    "another channel",
  );
  expect(() => zego.join("another-lounge", "1001", { token: token("lounge") })).toThrow("another room");
  await onStage.leave();

  // A recording of a room whose vendor has none is rejected in the preview, with who has.
  const program = join(folder, "index.ts");
  const before = readFileSync(program, "utf8");
  appendFileSync(
    program,
    'import { RtcRecording } from "pulumi-rtc";\nnew RtcRecording("town-hall", { room: townHall, outputUri: "s3://acme/" });\n',
  );
  await expect(example.run("pulumi preview")).rejects.toThrow(
    /UNSUPPORTED: agora: cannot rtc\.recording\.start: recordings are made by LiveKit Egress[\s\S]*livekit: fits/,
  );
  writeFileSync(program, before);

  // Another order moves nothing; another explicit vendor moves its room, and that is reported; no participant is disconnected.
  const output = await example.run(moved ?? "");
  expect(output).toContain("it stays at agora; a new room would go to livekit now");
  expect(output).toContain("the room moves from zego to agora: it is deleted there, and created here");
  expect(output).toMatch(/~ vendor *: "zego" => "agora"/);
  expect(output).toMatch(/1 replaced\s+4 unchanged/);
  expect(zego.participants("lounge")).toEqual(["1001"]);
  expect(calls()).toEqual([]);

  // Unforced, records are dropped without a call; forced, rooms are closed with their participants.
  await expect.poll(() => server.service.listParticipants("stage")).toEqual([]);
  await example.run(destroy ?? "");
  expect(await roomsOf(server)).toEqual({});
  expect([agora.participants("town-hall"), agora.participants("foyer"), zego.participants("lounge")]).toEqual(
    [[1001], [1001], ["1001"]],
  );
  expect(calls()).toEqual([]);
  await example.run("pulumi config set lounge zego\npulumi up");
  await example.run(force ?? "");
  expect([agora.participants("town-hall"), agora.participants("foyer"), zego.participants("lounge")]).toEqual(
    [[], [1001], []],
  );
  expect(calls().sort()).toEqual(["CloseRoom", "createRule"]);
});
