import { describe, expect, it, vi } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import { localClient } from "../../../src/client/local.ts";
import type { Capability } from "../../../src/contract/index.ts";
import { exchange } from "../../../src/support/http.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { openAccessToken2 } from "../../emulators/access-token2.ts";
import { account, CERTIFICATE, failure, hall, PROJECT, SECRET } from "./fixture.ts";

vi.mock("../../../src/support/http.ts", { spy: true });

const APP_KEYS = "rtc:agoraAppId (or AGORA_APP_ID)";
const CERTIFICATE_KEYS = "rtc:agoraAppCertificate (or AGORA_APP_CERTIFICATE)";
const ACCOUNT_KEYS =
  "rtc:agoraCustomerId (or AGORA_CUSTOMER_ID), rtc:agoraCustomerSecret (or AGORA_CUSTOMER_SECRET)";

describe("Agora without a configuration", () => {
  it("reports what it can do", () => {
    const { abilities } = agora.adapter({});
    const unable = Object.entries(abilities).filter(([, ability]) => !ability.can);
    expect(unable.map(([capability]) => capability).sort()).toEqual([
      "rtc.recording.get",
      "rtc.recording.list",
      "rtc.recording.start",
      "rtc.recording.stop",
      "rtc.recording.update",
    ]);
    for (const [, ability] of unable)
      expect(ability).toMatchObject({ reason: expect.stringContaining("LiveKit") });
  });

  it("rejects everything with the keys that are missing", async () => {
    const adapter = agora.adapter({});
    const asked = {
      ...hall,
      identity: "alice",
      ttlSeconds: 60,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
      isAdmin: false,
    };
    const calls = [
      () => adapter.createRoom(hall),
      () => adapter.getRoom(hall),
      () => adapter.listRooms(null),
      () => adapter.updateRoom(hall, {}, undefined),
      () => adapter.deleteRoom(hall),
      () => adapter.listParticipants(hall),
      () => adapter.kickParticipant(hall, "7"),
      () => adapter.issueToken(asked),
    ];
    for (const call of calls) {
      expect(await failure(call())).toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining(APP_KEYS),
      });
    }
  });
});

describe("what is missing at Agora", () => {
  const cases: [string, RtcConfig, Capability, string | undefined][] = [
    ["both keys of the app", {}, "rtc.token.issue", `${APP_KEYS} is not set; ${CERTIFICATE_KEYS} is not set`],
    [
      "an app id that is none",
      { ...PROJECT, agoraAppId: "my-app" },
      "rtc.room.create",
      `${APP_KEYS} is not 32 hexadecimal digits`,
    ],
    [
      "a certificate that is none",
      { ...PROJECT, agoraAppCertificate: `${CERTIFICATE}00` },
      "rtc.token.issue",
      `${CERTIFICATE_KEYS} is not 32 hexadecimal digits`,
    ],
    [
      "what the REST API takes",
      PROJECT,
      "rtc.room.list",
      `${ACCOUNT_KEYS} are not set, which Agora's REST API takes`,
    ],
    [
      "half of that",
      { ...PROJECT, agoraCustomerId: "id" },
      "rtc.participant.list",
      "rtc:agoraCustomerSecret (or AGORA_CUSTOMER_SECRET) is not set, which Agora's REST API takes",
    ],
    [
      "for a kick too",
      PROJECT,
      "rtc.participant.kick",
      `${ACCOUNT_KEYS} are not set, which Agora's REST API takes`,
    ],
    ["nothing where all is set", account(), "rtc.participant.kick", undefined],
  ];
  it.each(cases)("is named: %s", (_what, config, capability, reason) => {
    expect(agora.adapter(config).missing(null, capability)).toBe(reason);
  });

  it.each<Capability>([
    "rtc.room.create",
    "rtc.room.get",
    "rtc.room.update",
    "rtc.room.delete",
    "rtc.token.issue",
  ])("is nothing for %s, with app id and certificate alone", (capability) => {
    expect(agora.adapter(PROJECT).missing(null, capability)).toBeUndefined();
    expect(agora.adapter(PROJECT).missing("eu-west-1", capability)).toBeUndefined();
  });

  it("ends what needs the REST API before any call, a forced delete too", async () => {
    vi.mocked(exchange).mockClear();
    const adapter = agora.adapter(PROJECT);
    const calls = [
      () => adapter.listRooms(null),
      () => adapter.deleteRoom(hall),
      () => adapter.listParticipants(hall),
      () => adapter.kickParticipant(hall, "7"),
    ];
    for (const call of calls) {
      expect(await failure(call())).toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining(ACCOUNT_KEYS),
      });
    }
    expect(exchange).not.toHaveBeenCalled();
  });

  it("is a region of which Agora has no host", () => {
    expect(agora.adapter(PROJECT).missing("mars-1", "rtc.room.create")).toBe("there is no region mars-1");
  });
});

describe("a client with Agora's app id and certificate alone", () => {
  it("makes rooms and tokens, drops rooms, and names what the rest needs", async () => {
    const client = localClient(PROJECT);
    const room = await client.room.create({ name: "hall", metadata: { team: "core" } });
    expect(room).toMatchObject({ room: "agora:hall", state: "pending", metadata: { team: "core" } });
    const { token } = await client.token.issue({ room, identity: "alice" });
    expect(openAccessToken2(token, CERTIFICATE)).toMatchObject({ channel: "hall", uid: "alice" });
    expect(await client.room.get("hall")).toMatchObject({ state: "pending", numParticipants: null });
    expect(await client.room.delete("hall")).toBeUndefined();
    for (const call of [
      () => client.room.list(),
      () => client.participant.list("agora:hall"),
      () => client.participant.kick({ room: "agora:hall", identity: "7" }),
    ]) {
      const error = await failure(call());
      expect(error).toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining(`agora: ${ACCOUNT_KEYS} are not set`),
      });
    }
    const recording = await failure(client.recording.start({ room: "agora:hall", outputUri: "s3://acme/" }));
    expect(recording).toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("LiveKit Egress"),
    });
  });
});

describe("the secrets of an Agora configuration", () => {
  it("are all but the app id, and the form in which they are sent", () => {
    const keys = account();
    const sent = Buffer.from(`${keys.agoraCustomerId}:${SECRET}`).toString("base64");
    expect(agora.adapter(keys).secrets().sort()).toEqual(
      [CERTIFICATE, keys.agoraCustomerId, SECRET, sent].sort(),
    );
    expect(agora.adapter({}).secrets()).toEqual([]);
  });
});
