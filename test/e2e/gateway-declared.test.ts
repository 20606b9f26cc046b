import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { startAgora } from "../emulators/agora.ts";
import { startZego } from "../emulators/zego.ts";
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

const TAG = expect.stringMatching(/^[0-9a-f]{12}-[0-9a-f]{12}$/);
const LOBBY = "  lobby: { vendor: zego, emptyTimeoutSeconds: 600, metadata: { team: web } }";

/** Rooms of rtc.yaml at vendors without persistent rooms, through a gateway that stores them in its file. */
async function play() {
  const [agora, zego] = await Promise.all([startAgora(AGORA), startZego(ZEGO)]);
  for (const vendor of [agora, zego]) atEndOfFile(vendor.stop);
  const cwd = mkdtempSync(join(inject("scratch"), "gateway-"));
  const gateway = await RunningGateway.start({
    cwd,
    env: {
      ...{ RTC_GATEWAY_KEY: KEY, AGORA_APP_ID: AGORA.appId, AGORA_APP_CERTIFICATE: SECRET },
      ...{ AGORA_CUSTOMER_ID: AGORA.customerId, AGORA_CUSTOMER_SECRET: SECRET, AGORA_BASE_URL: agora.url },
      ...{ ZEGO_APP_ID: String(ZEGO.appId), ZEGO_SERVER_SECRET: SECRET, ZEGO_BASE_URL: zego.url },
    },
  });
  /** The rooms in the gateway's file, by id. */
  const stored = () => {
    const db = new DatabaseSync(join(cwd, "rtc-gateway.db"), { readOnly: true });
    const rows = db.prepare("SELECT id, settings FROM rooms ORDER BY id").all();
    db.close();
    return Object.fromEntries(rows.map(({ id, settings }) => [String(id), JSON.parse(String(settings))]));
  };
  const observe = () => ({ participants: agora.participants("hall"), stored: stored() });
  const folder = new RtcFolder({ RTC_ENDPOINT: gateway.address, RTC_API_KEY: KEY });

  const hall = "  hall: { vendor: agora, maxParticipants: 5, metadata: { team: core } }";
  folder.manifest("rooms:", hall, LOBBY, "  anywhere: {}");
  const created = await folder.json(0, "up");
  const afterCreate = stored();
  agora.join("hall", { uid: 1001 });
  await gateway.ask("/v1/rtc/room/delete/agora:anywhere", { method: "DELETE" });
  await gateway.ask("/v1/rtc/room/update/zego:lobby", { body: { metadata: { team: "hand" } } });
  const { resources: drifted } = await folder.json<{ resources: object[] }>(7, "drift");
  folder.manifest("rooms:", "  hall: { vendor: agora, maxParticipants: 6 }", LOBBY, "  anywhere: {}");
  const changed = await folder.json(0, "up --refresh");
  const afterChange = stored();
  const got = await gateway.ask("/v1/rtc/room/get/agora:hall");
  const exported = await folder.json(0, "export --project acme --stack dev");
  const before = observe();
  const rejected = await folder.json(4, "destroy");
  const afterRejection = observe();
  return {
    ...{ created, afterCreate, drifted, changed, afterChange, got, exported, before, rejected },
    afterRejection,
    forced: await folder.json(0, "destroy", { RTC_FORCE_DESTROY: "true" }),
    afterForce: observe(),
  };
}

// That an occupied room is not replaced either, and an empty one is: test/conformance/room-remembered.ts.
describe("Rooms of vendors without persistent rooms, through a gateway", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("are stored in its file with their ownership", () => {
    expect(s.created).toMatchObject({ changes: { create: 3 } });
    expect(s.afterCreate).toMatchObject({
      "agora:anywhere": { maxParticipants: null, owner: TAG },
      "agora:hall": { maxParticipants: 5, metadata: { team: "core" }, owner: TAG },
      "zego:lobby": { emptyTimeoutSeconds: 600, metadata: { team: "web" }, owner: TAG },
    });
  });

  test("are reported as drift where they are deleted or changed at the gateway", () => {
    expect(s.drifted).toHaveLength(2);
    expect(s.drifted).toContainEqual(expect.objectContaining({ name: "anywhere", class: "deleted" }));
    const fields = [{ field: "metadata", declared: { team: "web" }, live: { team: "hand" } }];
    expect(s.drifted).toContainEqual(expect.objectContaining({ name: "lobby", class: "changed", fields }));
  });

  test("are repaired and changed in place, with the participants in them", () => {
    expect(s.changed).toMatchObject({ changes: { update: 2, create: 1 } });
    expect(s.got).toMatchObject({
      body: { state: "open", num_participants: 1, max_participants: 6, metadata: {}, owner: TAG },
    });
    expect(s.afterChange).toMatchObject({
      "agora:anywhere": {},
      "zego:lobby": { metadata: { team: "web" }, emptyTimeoutSeconds: 600 },
    });
  });

  test("are not exported for another stack to adopt", () => {
    expect(s.exported).toMatchObject({
      leftOut: [{ id: "agora:hall", reason: expect.stringContaining("this stack's ownership tag") }],
    });
  });

  test("are not deleted with participants in them, unless that is forced; then its file has no record of them", () => {
    const occupied = [{ room: "agora:hall", people: 1 }];
    expect(s.rejected).toMatchObject({ result: "refused", occupied });
    expect(s.before.participants).toEqual([1001]);
    expect(s.afterRejection).toEqual(s.before);
    expect(s.forced).toMatchObject({ result: "destroyed", deleted: [{}, {}, {}], remaining: [] });
    expect(s.afterForce).toEqual({ participants: [], stored: {} });
  });
});
