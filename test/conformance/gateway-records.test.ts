import { describe } from "vitest";
import { agoraSubject } from "./agora-world.ts";
import { ON_DEMAND_THROUGH_CORE_ONLY, THROUGH_ANY } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { MemoryVendor } from "./memory.ts";
import { fleetingAdapter } from "./memory-vendors.ts";
import { memorySubject } from "./memory-world.ts";
import { NEVER_THERE } from "./record-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

/** A vendor in memory with on-demand rooms, which reports everything else that a vendor can. */
const fleeting = (vendor: MemoryVendor) => fleetingAdapter(vendor, { vendor: "memory" });
const inMemory = { ...memorySubject({ adapter: (_, vendor) => fleeting(vendor) }), lacks: NEVER_THERE };
const known = { memory: () => fleeting(new MemoryVendor()) };

describe.concurrent.each([
  ["our gateway", "everything", THROUGH_ANY],
  ["a gateway with only the core capabilities", "core only", ON_DEMAND_THROUGH_CORE_ONLY],
] as const)("through %s,", (_, advertised, except) => {
  const subjects = { Agora: agoraSubject(), Zego: zegoSubject() };
  describe.concurrent.each(Object.entries(subjects))("%s's stand-in", (_, subject) =>
    conformance(inVitest, throughGateway(subject, { advertised, except })),
  );
  describe.concurrent("a vendor in memory", () =>
    conformance(inVitest, throughGateway(inMemory, { advertised, known, except })));
});
