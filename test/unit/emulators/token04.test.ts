import { describe, expect, it } from "vitest";
import { openToken04 } from "../../emulators/token04.ts";
import { token04, ZEGO } from "./fixture.ts";

/** Made with other implementations: the first read back by openssl, the second by Python's cryptography. */
const CBC =
  "04AAAAAGVT/xAAEDAxMjM0NTY3ODlhYmNkZWYAwK/oyydKytM1aQ+0EzyZaCrKfJWJQIVBzfCfER5aaXlYVWhM9hV86d0kI2fSypVBvfxhsI8Wkaw3ObytQ/9RHU6QyF/UMXKvPpcpskM5sqdrvLorfvZRip7npDOTf94KMlqRsSRRqaWSXLh3+9aLZxOvDP1Jm90ERl4b9/oGM4WFks7GVMEXqfQno41G/jjfsT/cDcgszzESdB0JzhBzSF11GrhUgudoiux/7t8WCDVKBYXdyJC0yywf0v5cRHG9Qg==";
const GCM =
  "04AAAAAGVT/xAADAABAgMEBQYHCAkKCwDElo4HRoGUdkuLbKI2K1efMONOIJKPVOKQRseifp3N7SQOyJZ7O08V02KwsfUy39h8fhO/oMZZ+XS2VM4+JCYUW5+3fhTRfxjHahQKasCPCdmU41gnLlYpDyJ3uwRh72DWYk7xE9SmFxyipmvL3HN1ElQ8gpxLgdBncDRhL7KEcequUn8Lj8/KfQGSejIVYvlJ2+TIZMFf9Rf1pzmJrIbW3udCpvYvYKL7zCliLvIBkA3nDaTFnIOFY+/k8jTue3rOo4pbtAE=";
const CONTENT = {
  app_id: 1,
  user_id: "u",
  nonce: 1,
  ctime: 1_700_000_000,
  expire: 1_700_003_600,
  payload: "",
};
const open = (token: string) => openToken04(token, ZEGO.serverSecret);
/** Another byte in a token, counted from its end. */
const bent = (token: string, fromEnd: number) => {
  const bytes = Buffer.from(token.slice(2), "base64");
  const at = bytes.length - fromEnd;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return `04${bytes.toString("base64")}`;
};

describe("the opener of token04", () => {
  it.each([
    ["cbc", CBC, Buffer.from("0123456789abcdef")],
    ["gcm", GCM, Buffer.from("000102030405060708090a0b", "hex")],
  ] as const)("opens the vector in its %s form", (form, token, iv) => {
    expect(open(token)).toEqual({
      form,
      appId: 1_234_567_890,
      userId: "user1",
      nonce: 1,
      createdAt: 1_700_000_000,
      expiresAt: 1_700_003_600,
      binding: { room: "room1", login: true, publish: false, streams: null },
      iv,
    });
  });

  it("reports when a token is bound to no room", () => {
    expect(open(token04(CONTENT, CONTENT.expire)).binding).toBeNull();
  });

  it("rejects a token that was made with another secret", () => {
    for (const token of [CBC, GCM]) expect(() => openToken04(token, "0".repeat(32))).toThrow();
  });

  it("rejects a GCM token of which any byte was changed", () => {
    for (const fromEnd of [1, 2, 20, 100]) expect(() => open(bent(GCM, fromEnd))).toThrow();
  });

  it.each([
    ["one of another version", `03${CBC.slice(2)}`],
    ["one that is no base64", CBC.replace("A", "*")],
    ["one cut short", CBC.slice(0, 120)],
    [
      "a CBC one with a mode behind it",
      `04${Buffer.concat([Buffer.from(CBC.slice(2), "base64"), Buffer.of(1)]).toString("base64")}`,
    ],
    ["one whose outer and inner expiry differ", token04(CONTENT, CONTENT.expire + 1)],
    ["one whose nonce is no int32", token04({ ...CONTENT, nonce: 2 ** 31 }, CONTENT.expire)],
    ["one with another field", token04({ ...CONTENT, more: 1 }, CONTENT.expire)],
    ["one without a field", token04({ ...CONTENT, ctime: undefined }, CONTENT.expire)],
    ["one with a payload that is an object", token04({ ...CONTENT, payload: {} }, CONTENT.expire)],
  ])("rejects %s", (_, token) => {
    expect(() => open(token)).toThrow();
  });
});
