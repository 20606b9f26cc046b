import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { TokenSpec } from "../../../src/contract/index.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { issueToken } from "../../../src/vendors/agora/token.ts";
import { bytesOfAccessToken2, openAccessToken2 } from "../../emulators/access-token2.ts";
import { APP_ID, CERTIFICATE, failure, PROJECT } from "./fixture.ts";

const signer = { appId: APP_ID, certificate: CERTIFICATE };
const asked: TokenSpec = {
  region: null,
  name: "hall",
  identity: "alice",
  ttlSeconds: 600,
  canPublish: true,
  canSubscribe: true,
  canPublishData: true,
  isAdmin: false,
};

/** A moment, for ever. */
const at = (milliseconds: number) => ({ now: () => milliseconds, sleep: async () => {} });

/** The contents of a token, decoded from the description of the format alone. */
function read(spec: Partial<TokenSpec> = {}) {
  const { token } = issueToken(signer, { ...asked, ...spec }, at(1_700_000_000_999));
  return openAccessToken2(token, CERTIFICATE);
}

describe("an Agora token", () => {
  it("is byte for byte the official one, before compression", () => {
    const salt = vi.spyOn(Math, "random").mockReturnValue(0); // makes the library's salt 1
    const name = "7d72365eb983485397e3e3f9d460bdda";
    const { token, expiresAt } = issueToken(
      signer,
      { ...asked, name, identity: "2882341273", canPublish: false, canPublishData: false },
      at(1_111_111_000),
    );
    salt.mockRestore();
    const official =
      "007eJxTYBBbsMMnKq7p9Hf/HcIX5kce9b518kCiQgSr5Zrp4X1Tu6UUGCzNDZwdjU1TUs0Mkk1MzExMk5ISUy0SjQxNDcwMk4yN3b8IMEQwMTAwMoAwBIL4CgzmKeZGxmamqUmWFsYmFqbGluapxqnGaZYpJmYGSSkpiVwMRhYWRsYmhkbmxgDCaiTj";
    expect(bytesOfAccessToken2(token)).toEqual(bytesOfAccessToken2(official));
    expect(expiresAt).toBe(new Date(1_111_711_000).toISOString());
  });

  it("lets its owner do what was asked for and nothing more, and that not longer than it lasts", () => {
    expect(read()).toEqual({
      appId: APP_ID,
      issuedAt: 1_700_000_000,
      expire: 600,
      salt: expect.any(Number),
      channel: "hall",
      uid: "alice",
      privileges: { join: 600, audio: 600, video: 600, data: 600 },
    });
    expect(read({ canPublish: false }).privileges).toEqual({ join: 600, data: 600 });
    expect(read({ canPublishData: false }).privileges).toEqual({ join: 600, audio: 600, video: 600 });
    expect(read({ canPublish: false, canPublishData: false }).privileges).toEqual({ join: 600 });
  });

  it("expires when the answer reports it, to the second", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 86_400 }),
        fc.integer({ min: 1_000, max: 4e12 }),
        (ttlSeconds, now) => {
          const { token, expiresAt } = issueToken(signer, { ...asked, ttlSeconds }, at(now));
          const { issuedAt, expire } = openAccessToken2(token, CERTIFICATE);
          expect(expire).toBe(ttlSeconds);
          expect(Date.parse(expiresAt)).toBe((issuedAt + expire) * 1_000);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is for the room and person asked for, whatever they are called, or there is none", () => {
    const known = fc.string({ unit: fc.constantFrom(..." !#$%&()+-:;<=.>?@[]^_{}|~,aZ09"), maxLength: 70 });
    const text = fc.oneof(known, fc.nat().map(String), fc.string({ unit: "grapheme" }));
    let made = 0;
    fc.assert(
      fc.property(text, text, (name, identity) => {
        let token: string;
        try {
          ({ token } = issueToken(signer, { ...asked, name, identity }, at(1_000)));
        } catch (error) {
          expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
          return;
        }
        made += 1;
        expect(openAccessToken2(token, CERTIFICATE)).toMatchObject({ channel: name, uid: identity });
        expect(name === "" || /^0*$/.test(identity)).toBe(false);
      }),
      { numRuns: 200 },
    );
    expect(made).toBeGreaterThan(10);
  });

  it.each(["0", "", "00", "000000000000"])(
    "is rejected for %j, which would admit any uid",
    async (identity) => {
      const error = await failure(agora.adapter(PROJECT).issueToken({ ...asked, identity }));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", issues: [{ path: "identity" }] });
    },
  );

  it.each(["älice", "a/b", 'a"b', "a*b", "a\0b", "x".repeat(256)])(
    "is rejected to %j, who could not join with it",
    async (identity) => {
      const error = await failure(agora.adapter(PROJECT).issueToken({ ...asked, identity }));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", issues: [{ path: "identity" }] });
    },
  );

  it("is rejected where it cannot restrict or allow as asked, all reasons at once", async () => {
    const error = await failure(
      agora.adapter(PROJECT).issueToken({ ...asked, canSubscribe: false, isAdmin: true }),
    );
    expect(error).toMatchObject({ code: "UNSUPPORTED", vendor: "agora", retryable: false });
    expect(error.issues?.map(({ path }) => path)).toEqual(["canSubscribe", "isAdmin"]);
    expect(error.message).toMatch(/canSubscribe: every participant.*isAdmin: /);
  });

  it("warns once of what Agora enforces only after its support has switched it on", async () => {
    const warned = await agora
      .adapter(PROJECT)
      .issueToken({ ...asked, canPublish: false, canPublishData: false });
    expect(warned.warnings).toEqual([expect.stringMatching(/support.*co-host authentication/)]);
    expect((await agora.adapter(PROJECT).issueToken(asked)).warnings).toBeUndefined();
  });

  it("warns of the display name and metadata that it does not carry", async () => {
    const issued = await agora
      .adapter(PROJECT)
      .issueToken({ ...asked, displayName: "Alice", metadata: { seat: 1 } });
    expect(issued.warnings).toEqual([expect.stringMatching(/^displayName and metadata: .*no place/)]);
    expect(bytesOfAccessToken2(issued.token).toString("latin1")).not.toMatch(/Alice|seat/);
  });

  it("is named with its room, also in a region", async () => {
    const issued = await agora.adapter(PROJECT).issueToken({ ...asked, region: "eu-west-1" });
    expect(issued).toMatchObject({ room: "agora@eu-west-1:hall", identity: "alice" });
  });

  it.each([
    { appId: "abc", certificate: CERTIFICATE },
    { appId: APP_ID, certificate: "" },
  ])("is never an empty text, which is how the library fails: %j", (keys) => {
    expect(() => issueToken(keys, asked)).toThrow(expect.objectContaining({ code: "NOT_CONFIGURED" }));
  });

  it("is signed without a word on the console", async () => {
    const spies = (["log", "info", "warn", "error"] as const).map((method) => vi.spyOn(console, method));
    await agora.adapter(PROJECT).issueToken(asked);
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});
