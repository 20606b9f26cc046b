import { describe } from "vitest";
import { memorySubject } from "./memory-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

describe("an adapter without a network", () => conformance(inVitest, memorySubject()));
