import { describe } from "vitest";
import { agoraSubject } from "./agora-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

describe("Agora, a stand-in made from its documents", () => conformance(inVitest, agoraSubject()));

describe("Agora with an app id and a certificate, and no customer", () =>
  conformance(inVitest, agoraSubject({ without: ["agoraCustomerId", "agoraCustomerSecret"] })));
