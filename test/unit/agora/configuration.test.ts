import { describe, expect, it, vi } from "vitest";
import type { Capability, RtcConfig } from "../../../src/contract/index.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { APP_ID, account, CERTIFICATE, failure, hall, PROJECT, SECRET } from "./fixture.ts";

const APP_KEYS = "rtc:agoraAppId (or AGORA_APP_ID)";
const CERTIFICATE_KEYS = "rtc:agoraAppCertificate (or AGORA_APP_CERTIFICATE)";
const ACCOUNT_KEYS =
  "rtc:agoraCustomerId (or AGORA_CUSTOMER_ID), rtc:agoraCustomerSecret (or AGORA_CUSTOMER_SECRET)";

describe("Agora without a configuration", () => {
  it("tells what it can do", () => {
    const { abilities } = agora({});
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

  it("refuses everything with the keys that are missing", async () => {
    const adapter = agora({});
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
      adapter.createRoom(hall),
      adapter.getRoom(hall),
      adapter.listRooms(null),
      adapter.updateRoom(hall, {}, undefined),
      adapter.deleteRoom(hall),
      adapter.listParticipants(hall),
      adapter.kickParticipant(hall, "7"),
      adapter.issueToken(asked),
    ];
    for (const call of calls) {
      expect(await failure(call)).toMatchObject({
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
    expect(agora(config).missing(null, capability)).toBe(reason);
  });

  it.each<Capability>([
    "rtc.room.create",
    "rtc.room.get",
    "rtc.room.update",
    "rtc.room.delete",
    "rtc.token.issue",
  ])("is nothing for %s, with app id and certificate alone", (capability) => {
    expect(agora(PROJECT).missing(null, capability)).toBeUndefined();
    expect(agora(PROJECT).missing("eu-west-1", capability)).toBeUndefined();
  });

  it("ends what needs the REST API before any call, a forced delete too", async () => {
    const fetch = vi.spyOn(globalThis, "fetch");
    const adapter = agora(PROJECT);
    const calls = [
      adapter.listRooms(null),
      adapter.deleteRoom(hall),
      adapter.listParticipants(hall),
      adapter.kickParticipant(hall, "7"),
    ];
    for (const call of calls) {
      expect(await failure(call)).toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining(ACCOUNT_KEYS),
      });
    }
    expect(fetch).not.toHaveBeenCalled();
    fetch.mockRestore();
  });

  it("is a region of which Agora has no host", () => {
    expect(agora(PROJECT).missing("mars-1", "rtc.room.create")).toBe("there is no region mars-1");
  });
});

describe("a name at Agora", () => {
  const every = " !#$%&()+-:;<=.>?@[]^_{}|~,";
  it.each([every, "...", "a", "Z9", "x".repeat(63), "a b", "100%", "team:core"])("can be %j", (name) => {
    expect(agora({}).badName(name)).toBeUndefined();
  });
  it.each(["", "x".repeat(64), "a/b", 'say "hi"', "a'b", "a*b", "a\\b", "hällo", "a\nb", "a\0b", "房间"])(
    "cannot be %j",
    (name) => {
      expect(agora({}).badName(name)).toMatch(/1 to 63 bytes/);
    },
  );
  it.each([".", ".."])("cannot be %j, for which there is no address", (name) => {
    expect(agora({}).badName(name)).toMatch(/cannot be asked/);
  });
});

describe("Agora's addresses", () => {
  const regions = [
    "us-west-1",
    "us-east-1",
    "ap-southeast-1",
    "ap-northeast-1",
    "eu-west-1",
    "eu-central-1",
    "cn-east-1",
    "cn-north-1",
  ];

  it("are one a region, of one set of channels", () => {
    const adapter = agora(PROJECT);
    expect(adapter.regions()).toEqual(regions);
    expect(adapter.deployments()).toEqual([null]);
    for (const region of [null, ...regions]) expect(adapter.endpoint(region)).toBe(APP_ID);
  });

  it.each([
    [null, undefined, "https://api.agora.io/dev/v1/"],
    ["eu-west-1", undefined, "https://api-eu-west-1.agora.io/dev/v1/"],
    [null, "https://api.sd-rtn.com", "https://api.sd-rtn.com/dev/v1/"],
    ["cn-east-1", "https://api.sd-rtn.com/", "https://api-cn-east-1.sd-rtn.com/dev/v1/"],
    ["cn-east-1", "http://127.0.0.1:9/agora/", "http://127.0.0.1:9/agora/dev/v1/"],
    [null, "https://user:password@proxy.example", "https://proxy.example/dev/v1/"],
  ])("in region %s, with %s configured: %s", async (region, agoraBaseUrl, expected) => {
    const fetch = vi
      .spyOn(globalThis, "fetch")
      .mockImplementation(async () => Response.json({ success: true, data: { channel_exist: false } }));
    await agora({ ...account(), agoraBaseUrl }).listParticipants({
      region,
      name: "a b%?#&",
    });
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([
      `${expected}channel/user/${APP_ID}/a%20b%25%3F%23%26`,
    ]);
    fetch.mockRestore();
  });
});

describe("the secrets of an Agora configuration", () => {
  it("are all but the app id, and the form in which they are sent", () => {
    const keys = account();
    const sent = Buffer.from(`${keys.agoraCustomerId}:${SECRET}`).toString("base64");
    expect(agora(keys).secrets().sort()).toEqual([CERTIFICATE, keys.agoraCustomerId, SECRET, sent].sort());
    expect(agora({}).secrets()).toEqual([]);
  });
});
