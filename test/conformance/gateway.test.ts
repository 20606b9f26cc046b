import { describe } from "vitest";
import { THROUGH_CORE_ONLY, THROUGH_OURS } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { MemoryVendor } from "./memory.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import { plainAdapter } from "./memory-plain.ts";
import { memorySubject } from "./memory-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

const known = { memory: () => memoryAdapter(new MemoryVendor()) };

describe("through our gateway, a vendor of persistent rooms", () =>
  conformance(
    inVitest,
    throughGateway(memorySubject(), { advertised: "everything", known, except: THROUGH_OURS }),
  ));

describe("through our gateway, a vendor with persistent rooms, unlike LiveKit", () => {
  const plain = { memory: () => plainAdapter(new MemoryVendor()) };
  const subject = memorySubject({}, plainAdapter);
  conformance(
    inVitest,
    throughGateway(subject, { advertised: "everything", known: plain, except: THROUGH_OURS }),
  );
});

describe("through a gateway with only the core capabilities, a vendor of persistent rooms", () =>
  conformance(
    inVitest,
    throughGateway(memorySubject(), { advertised: "core only", known, except: THROUGH_CORE_ONLY }),
  ));
