import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Agora, startAgora } from "../emulators/agora.ts";
import { startZego, type Zego } from "../emulators/zego.ts";
import { atEndOfFile } from "../support/cleanup.ts";
import { RunningGateway } from "../support/gateway.ts";
import { RtcFolder } from "../support/rtc-folder.ts";

/** Whatever is a secret of Agora's or ZEGO's. */
const SECRET = "fa94dd0f974cf2e293728a526b028271";
const AGORA = {
  ...{ appId: "970ca35de60c44645bbae8a215061b33", appCertificate: SECRET },
  ...{ customerId: "customer", customerSecret: SECRET },
};
const ZEGO = { appId: 1_234_567_890, serverSecret: SECRET };
const KEY = "canary-key-of-the-gateway";

let agora: Agora;
let zego: Zego;
let gateway: RunningGateway;
let folder: RtcFolder;
/** The rooms that the gateway's file remembers, by id. */
let remembered: () => Record<string, { maxParticipants: number | null; owner: string | null }>;

beforeAll(async () => {
  [agora, zego] = await Promise.all([startAgora(AGORA), startZego(ZEGO)]);
  for (const vendor of [agora, zego]) atEndOfFile(vendor.stop);
  const cwd = mkdtempSync(join(inject("scratch"), "gateway-"));
  gateway = await RunningGateway.start({
    cwd,
    env: {
      ...{ RTC_GATEWAY_KEY: KEY, AGORA_APP_ID: AGORA.appId, AGORA_APP_CERTIFICATE: SECRET },
      ...{ AGORA_CUSTOMER_ID: AGORA.customerId, AGORA_CUSTOMER_SECRET: SECRET, AGORA_BASE_URL: agora.url },
      ...{ ZEGO_APP_ID: String(ZEGO.appId), ZEGO_SERVER_SECRET: SECRET, ZEGO_BASE_URL: zego.url },
    },
  });
  remembered = () => {
    const db = new DatabaseSync(join(cwd, "rtc-gateway.db"), { readOnly: true });
    const rows = db.prepare("SELECT id, settings FROM rooms ORDER BY id").all();
    db.close();
    return Object.fromEntries(rows.map(({ id, settings }) => [String(id), JSON.parse(String(settings))]));
  };
});
beforeEach(() => {
  folder = new RtcFolder({ RTC_ENDPOINT: gateway.address, RTC_API_KEY: KEY });
});

const MARK = expect.stringMatching(/^[0-9a-f]{12}-[0-9a-f]{12}$/);

test("Rooms of vendors that keep none are made, changed, missed, moved and taken down at the gateway, and nothing is left in its store", {
  timeout: 300_000,
}, async () => {
  folder.manifest(
    "rooms:",
    "  hall: { vendor: agora, maxParticipants: 5, metadata: { team: core } }",
    "  lobby: { vendor: zego, emptyTimeoutSeconds: 600 }",
    "  anywhere: {}",
  );
  expect(await folder.json(0, "up")).toMatchObject({ changes: { create: 3 } });
  expect(remembered()).toMatchObject({
    "agora:anywhere": { maxParticipants: null, owner: MARK },
    "agora:hall": { maxParticipants: 5, metadata: { team: "core" }, owner: MARK },
    "zego:lobby": { emptyTimeoutSeconds: 600, owner: MARK },
  });

  // What changes, changes there, with everybody who is in the room.
  agora.join("hall", { uid: 1001 });
  folder.manifest(
    "rooms:",
    "  hall: { vendor: agora, maxParticipants: 6 }",
    "  lobby: { vendor: zego, emptyTimeoutSeconds: 600, metadata: { team: web } }",
    "  anywhere: {}",
  );
  expect(await folder.json(0, "up")).toMatchObject({ changes: { update: 2, same: 1 } });
  expect(await gateway.ask("/v1/rtc/room/get/agora:hall")).toMatchObject({
    body: { state: "open", num_participants: 1, max_participants: 6, metadata: {}, owner: MARK },
  });
  expect(remembered()["zego:lobby"]).toMatchObject({ metadata: { team: "web" }, emptyTimeoutSeconds: 600 });

  // What somebody takes away or changes there is drift, and mended.
  await gateway.ask("/v1/rtc/room/delete/agora:anywhere", { method: "DELETE" });
  await gateway.ask("/v1/rtc/room/update/zego:lobby", { body: { metadata: { team: "hand" } } });
  const { resources } = await folder.json<{ resources: object[] }>(7, "drift");
  expect(resources).toHaveLength(2);
  expect(resources).toContainEqual(expect.objectContaining({ name: "anywhere", class: "deleted" }));
  const fields = [{ field: "metadata", declared: { team: "web" }, live: { team: "hand" } }];
  expect(resources).toContainEqual(expect.objectContaining({ name: "lobby", class: "changed", fields }));
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: true });
  expect(remembered()).toMatchObject({ "agora:anywhere": {}, "zego:lobby": { metadata: { team: "web" } } });

  // It is the stack's, and not for another one to take over.
  expect(await folder.json(0, "export --project acme --stack dev")).toMatchObject({
    leftOut: [{ id: "agora:hall", reason: expect.stringContaining("this stack's owner mark") }],
  });

  // Nobody is thrown out of a room that is made anew or taken down.
  const before = remembered();
  folder.manifest("rooms: { hall: { vendor: agora, maxParticipants: 6, name: aula } }");
  expect((await folder.run(4, "up")).stderr).toContain("ROOM_OCCUPIED: 1 person is in room agora:hall");
  expect(await folder.json(4, "destroy")).toMatchObject({
    result: "refused",
    occupied: [{ room: "agora:hall", people: 1 }],
  });
  expect([agora.people("hall"), remembered()]).toEqual([[1001], before]);
  agora.leave("hall", 1001);
  expect(await folder.json(0, "up")).toMatchObject({ changes: { replace: 1, delete: 2 } });
  expect(Object.keys(remembered())).toEqual(["agora:aula"]);
  await folder.run(0, "preview --refresh --expect-no-changes");

  agora.join("aula", { uid: 1001 });
  const forced = await folder.json(0, "destroy", { RTC_FORCE_DESTROY: "true" });
  expect(forced).toMatchObject({ result: "destroyed", deleted: [{ id: "agora:aula" }], remaining: [] });
  expect([agora.people("aula"), remembered()]).toEqual([[], {}]);
});
