import { describe, expect, it } from "vitest";
import { redact } from "../../../src/support/redact.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

describe("a text that is redacted", () => {
  it("has no token, also where that is glued to a word", () => {
    expect(redact(`a ${JWT}, token_${JWT} and \\n${JWT}`, [])).toBe(
      "a [redacted token], token_[redacted token] and \\n[redacted token]",
    );
  });

  it("has no secret, and not the end of one that begins with another", () => {
    const secrets = ["canary", "canary-of-storage"];
    for (const given of [secrets, secrets.toReversed()])
      expect(redact("sent canary-of-storage, then canary", given)).toBe("sent [redacted], then [redacted]");
  });

  it("is cut first, without the half of a secret, a token or a key at its end", () => {
    const cut = (text: string) => redact(`${text} and more`, ["canary-secret"], text.length);
    expect(cut("it was canary-sec")).toBe("it was ");
    expect(cut(`it was ${JWT.slice(0, 15)}`)).toBe("it was ");
    expect(cut(`it was ${JWT.slice(0, 30)}`)).toBe("it was ");
    expect(cut("it was rtc_0123456789_abc")).toBe("it was ");
    expect(cut("it was canary-secret")).toBe("it was [redacted]");
  });
});
