import { expect, it } from "vitest";
import { redact } from "../../../src/support/redact.ts";

it("Redacts a secret whole where it begins with another one", () => {
  const secrets = ["canary", "canary-of-storage"];
  for (const given of [secrets, secrets.toReversed()])
    expect(redact("sent canary-of-storage, then canary", given)).toBe("sent [redacted], then [redacted]");
});
