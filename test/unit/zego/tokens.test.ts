import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import type { TokenSpec } from "../../../src/contract/index.ts";
import { zego } from "../../../src/vendors/zego/adapter.ts";
import { payload, token04 } from "../../../src/vendors/zego/token.ts";
import { openToken04 } from "../../emulators/token04.ts";
import { failure, SECRET, tokenSpec } from "./fixture.ts";

const APP_ID = 1_234_567_890;

const issue = async (changes: Partial<TokenSpec> = {}, config: RtcConfig = {}) =>
  zego.adapter({ zegoAppId: APP_ID, zegoServerSecret: SECRET, ...config }).issueToken(tokenSpec(changes));

const opened = async (changes: Partial<TokenSpec> = {}, config: RtcConfig = {}) =>
  openToken04((await issue(changes, config)).token, SECRET);

/** Made and read back by openssl and by Python's cryptography. */
const VECTORS = {
  cbc: {
    iv: Buffer.from("0123456789abcdef"),
    token:
      "04AAAAAGVT/xAAEDAxMjM0NTY3ODlhYmNkZWYAwK/oyydKytM1aQ+0EzyZaCrKfJWJQIVBzfCfER5aaXlYVWhM9hV86d0kI2fSypVBvfxhsI8Wkaw3ObytQ/9RHU6QyF/UMXKvPpcpskM5sqdrvLorfvZRip7npDOTf94KMlqRsSRRqaWSXLh3+9aLZxOvDP1Jm90ERl4b9/oGM4WFks7GVMEXqfQno41G/jjfsT/cDcgszzESdB0JzhBzSF11GrhUgudoiux/7t8WCDVKBYXdyJC0yywf0v5cRHG9Qg==",
  },
  gcm: {
    iv: Buffer.from("000102030405060708090a0b", "hex"),
    token:
      "04AAAAAGVT/xAADAABAgMEBQYHCAkKCwDElo4HRoGUdkuLbKI2K1efMONOIJKPVOKQRseifp3N7SQOyJZ7O08V02KwsfUy39h8fhO/oMZZ+XS2VM4+JCYUW5+3fhTRfxjHahQKasCPCdmU41gnLlYpDyJ3uwRh72DWYk7xE9SmFxyipmvL3HN1ElQ8gpxLgdBncDRhL7KEcequUn8Lj8/KfQGSejIVYvlJ2+TIZMFf9Rf1pzmJrIbW3udCpvYvYKL7zCliLvIBkA3nDaTFnIOFY+/k8jTue3rOo4pbtAE=",
  },
};

describe("a token04", () => {
  it.each(Object.entries(VECTORS))("in the form %s is this one, for this content", (form, { iv, token }) => {
    const content = {
      app_id: APP_ID,
      user_id: "user1",
      nonce: 1,
      ctime: 1_700_000_000,
      expire: 1_700_003_600,
      payload: payload("room1", false),
    };
    expect(token04(content, SECRET, form === "gcm" ? "gcm" : "cbc", iv)).toBe(token);
  });

  it("reports when it expires, in the token and beside it", async () => {
    const { expiresAt } = await issue({ ttlSeconds: 600 });
    expect(expiresAt).toBe("2026-01-02T03:14:05.000Z");
    const { createdAt, expiresAt: expire } = await opened({ ttlSeconds: 600 });
    expect(createdAt).toBe(Date.parse("2026-01-02T03:04:05Z") / 1_000);
    expect(expire - createdAt).toBe(600);
  });

  it.each([
    ["cbc", {}],
    ["cbc", { zegoTokenFormat: "cbc" }],
    ["gcm", { zegoTokenFormat: "gcm" }],
  ] as const)("in the form %s is configured with %j, and opens with the secret", async (form, config) => {
    const token = await opened({ name: "hall", identity: "alice" }, config);
    expect(token).toMatchObject({ form, appId: APP_ID, userId: "alice" });
    expect(token.binding).toEqual({ room: "hall", login: true, publish: true, streams: null });
  });

  it("lets no participant publish without permission, and is bound to its room all the same", async () => {
    for (const canPublishData of [true, false]) {
      const { binding } = await opened({ canPublish: false, canPublishData });
      expect(binding).toEqual({ room: "hall", login: true, publish: false, streams: null });
    }
  });

  it.each(["cbc", "gcm"] as const)("in the form %s is another each time", async (zegoTokenFormat) => {
    const [one, other] = [await opened({}, { zegoTokenFormat }), await opened({}, { zegoTokenFormat })];
    expect(one.iv.equals(other.iv)).toBe(false);
    expect(one.nonce).not.toBe(other.nonce);
    expect(one.nonce).toBeLessThan(2 ** 31);
  });

  it("names the room's region", async () => {
    expect((await issue({ region: "fra" })).room).toBe("zego@fra:hall");
    expect(await issue()).toMatchObject({ room: "zego:hall", identity: "alice" });
  });
});

describe("what a token of ZEGO's cannot carry", () => {
  it("is rejected where it restricts or manages, all at once", async () => {
    const error = await failure(issue({ canSubscribe: false, canPublishData: false, isAdmin: true }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", vendor: "zego" });
    expect(error.issues?.map(({ path }) => path)).toEqual(["canSubscribe", "canPublishData", "isAdmin"]);
    expect(error.message).toContain("canPublishData: data follows publishing");
  });

  it("is dropped where it decorates, with a warning", async () => {
    const { warnings = [] } = await issue({ displayName: "Alice", metadata: { seat: 1 } });
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(/^displayName and metadata: .* no place/);
  });

  it("holds only where ZEGO's support has switched it on, which each answer reports once", async () => {
    expect((await issue()).warnings).toEqual([expect.stringMatching(/support team has switched on/)]);
  });
});

describe("who and what a token is for", () => {
  it.each(["a", "a".repeat(64), "a~!@#$%^&*()_+=-`;',.<>Z9"])("may be called %s", async (identity) => {
    expect(await opened({ identity, name: identity })).toMatchObject({
      userId: identity,
      binding: { room: identity },
    });
  });

  it.each(["", "a".repeat(65), "two words", "älice", "a:b", "a/b", "a\n"])(
    "cannot be called %j",
    async (identity) => {
      const error = await failure(issue({ identity }));
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.issues).toEqual([
        { path: "identity", message: expect.stringContaining("a user id at ZEGO has 1 to 64 bytes") },
      ]);
    },
  );

  it("cannot be any room", async () => {
    expect(await failure(issue({ name: "" }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      issues: [{ path: "room" }],
    });
  });
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-02T03:04:05.678Z") });
});
afterEach(() => {
  vi.useRealTimers();
});
