import { describe, expect, it, vi } from "vitest";
import { exchange } from "../../../src/support/http.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { APP_ID, account, PROJECT } from "./fixture.ts";

vi.mock("../../../src/support/http.ts", { spy: true });

describe("a name at Agora", () => {
  const every = " !#$%&()+-:;<=.>?@[]^_{}|~,";
  it.each([every, "...", "a", "Z9", "x".repeat(63), "a b", "100%", "team:core"])("can be %j", (name) => {
    expect(agora.adapter({}).badName(name)).toBeUndefined();
  });
  it.each(["", "x".repeat(64), "a/b", 'say "hi"', "a'b", "a*b", "a\\b", "hällo", "a\nb", "a\0b", "房间"])(
    "cannot be %j",
    (name) => {
      expect(agora.adapter({}).badName(name)).toMatch(/1 to 63 bytes/);
    },
  );
  it.each([".", ".."])("cannot be %j, for which there is no address", (name) => {
    expect(agora.adapter({}).badName(name)).toMatch(/cannot be asked/);
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
    const adapter = agora.adapter(PROJECT);
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
    const text = JSON.stringify({ success: true, data: { channel_exist: false } });
    vi.mocked(exchange).mockClear().mockResolvedValueOnce({ status: 200, headers: {}, text });
    await agora.adapter({ ...account(), agoraBaseUrl }).listParticipants({
      region,
      name: "a b%?#&",
    });
    expect(vi.mocked(exchange).mock.calls.map(([{ url }]) => url)).toEqual([
      `${expected}channel/user/${APP_ID}/a%20b%25%3F%23%26`,
    ]);
  });
});
