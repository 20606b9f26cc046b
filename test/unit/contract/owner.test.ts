import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ownershipTag } from "../../../src/contract/index.ts";

const owner = { project: "acme", stack: "dev", urn: "urn:pulumi:dev::acme::rtc:RtcRoom::hall" };

describe("the ownership tag", () => {
  it("is the same in every version, or rooms would lose their owner", () => {
    expect(ownershipTag(owner)).toBe("6fb62d6da514-79acfd58658e");
  });

  it("is 12 hex digits for the stack and 12 for the resource", () => {
    const digits = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);
    expect(ownershipTag(owner)).toBe(`${digits("acme/dev")}-${digits(owner.urn)}`);
  });

  it("lets a stack recognise its own", () => {
    const [stack, resource] = ownershipTag(owner).split("-");
    const [sameStack, otherResource] = ownershipTag({ ...owner, urn: "urn:other" }).split("-");
    expect(sameStack).toBe(stack);
    expect(otherResource).not.toBe(resource);
    expect(ownershipTag({ ...owner, stack: "prod" })).not.toContain(stack);
    expect(ownershipTag({ ...owner, project: "other" })).not.toContain(stack);
  });
});
