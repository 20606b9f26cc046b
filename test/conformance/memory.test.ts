import { describe, it } from "vitest";
import { memorySubject } from "./memory-world.ts";
import { conformance } from "./suite.ts";

describe("an adapter without a network", () => {
  conformance({ group: describe, test: it }, memorySubject());
});
