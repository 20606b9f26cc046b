import { describe } from "vitest";
import { agoraSubject } from "./agora-world.ts";
import { THROUGH_ANY } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

describe.each([
  ["our gateway", "everything"],
  ["a gateway that has only the nine", "the nine"],
] as const)("through %s,", (_, offer) => {
  const subjects = { Agora: agoraSubject(), Zego: zegoSubject() };
  describe.each(Object.entries(subjects))("%s's stand-in", (_, subject) =>
    conformance(inVitest, throughGateway(subject, { offer, except: THROUGH_ANY })),
  );
});
