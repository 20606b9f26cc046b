import { describe } from "vitest";
import { agoraSubject } from "./agora-world.ts";
import { THROUGH_ANY } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

describe("through our gateway, Agora's stand-in", () =>
  conformance(inVitest, throughGateway(agoraSubject(), { offer: "everything", except: THROUGH_ANY })));

describe("through a gateway that has only the nine, Zego's stand-in", () =>
  conformance(inVitest, throughGateway(zegoSubject(), { offer: "the nine", except: THROUGH_ANY })));
