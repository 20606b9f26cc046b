import { describe, expect, it } from "vitest";
import { bytesOfAccessToken2, openAccessToken2 } from "../../emulators/access-token2.ts";
import { AGORA, accessToken2 } from "./fixture.ts";

/** The vendor's own, from its library's tests. */
const OFFICIAL =
  "007eJxTYBBbsMMnKq7p9Hf/HcIX5kce9b518kCiQgSr5Zrp4X1Tu6UUGCzNDZwdjU1TUs0Mkk1MzExMk5ISUy0SjQxNDcwMk4yN3b8IMEQwMTAwMoAwBIL4CgzmKeZGxmamqUmWFsYmFqbGluapxqnGaZYpJmYGSSkpiVwMRhYWRsYmhkbmxgDCaiTj";
const issuedAt = 1_795_348_800;
const open = (token: string) => openAccessToken2(token, AGORA.appCertificate);

describe("the reader of AccessToken2", () => {
  it("reads the vendor's vector and finds its signature right", () => {
    expect(open(OFFICIAL)).toEqual({
      appId: "970CA35de60c44645bbae8a215061b33",
      issuedAt: 1_111_111,
      expire: 600,
      salt: 1,
      channel: "7d72365eb983485397e3e3f9d460bdda",
      uid: "2882341273",
      privileges: { join: 600 },
    });
  });

  it("compares what is within, not how it was compressed", () => {
    const content = bytesOfAccessToken2(OFFICIAL);
    const parts = { appId: AGORA.appId, issuedAt: 1_111_111, channel: "7d72365eb983485397e3e3f9d460bdda" };
    const ours = accessToken2({ ...parts, uid: "2882341273", privileges: [[1, 600]] });
    expect(bytesOfAccessToken2(ours).equals(content)).toBe(true);
  });

  it("reads all four privileges and non-ASCII channels", () => {
    const privileges: [number, number][] = [1, 2, 3, 4].map((number) => [number, number * 10]);
    const token = open(accessToken2({ issuedAt, privileges, channel: "зал", uid: "" }));
    expect(token).toMatchObject({
      channel: "зал",
      uid: "",
      privileges: { join: 10, audio: 20, video: 30, data: 40 },
    });
  });

  it("rejects a token that another certificate has signed", () => {
    expect(() => openAccessToken2(OFFICIAL, AGORA.appCertificate.toLowerCase())).toThrow(
      "signature is wrong",
    );
  });

  it.each([
    ["the empty one that the vendor's builder returns for bad credentials", ""],
    ["one of the older version", "006abc"],
    ["one that is no base64", "007ab c="],
    ["one cut short", OFFICIAL.slice(0, -40)],
    ["one with something behind its end", accessToken2({ issuedAt, behind: Buffer.of(0) })],
    ["one with two services", accessToken2({ issuedAt, services: 2 })],
    ["one with a privilege that there is not", accessToken2({ issuedAt, privileges: [[5, 0]] })],
  ])("rejects %s", (_, token) => {
    expect(() => open(token)).toThrow();
  });
});
