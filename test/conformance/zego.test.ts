import { describe } from "vitest";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

describe("Zego, a stand-in made from its documents", () => conformance(inVitest, zegoSubject()));
