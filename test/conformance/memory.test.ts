import { describe } from "vitest";
import { plainAdapter } from "./memory-plain.ts";
import { memorySubject } from "./memory-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

describe("an adapter without a network", () => conformance(inVitest, memorySubject()));

describe("an adapter of a vendor with persistent rooms, unlike LiveKit", () =>
  conformance(inVitest, memorySubject({}, plainAdapter)));
