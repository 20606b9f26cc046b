import { describe } from "vitest";
import { agoraSubject } from "./agora-world.ts";
import { RECORDS_THROUGH_THE_NINE, THROUGH_ANY } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

describe.each([
  ["our gateway", "everything", THROUGH_ANY],
  ["a gateway that has only the nine", "the nine", RECORDS_THROUGH_THE_NINE],
] as const)("through %s,", (_, offer, except) => {
  const subjects = { Agora: agoraSubject(), Zego: zegoSubject() };
  describe.each(Object.entries(subjects))("%s's stand-in", (_, subject) =>
    conformance(inVitest, throughGateway(subject, { offer, except })),
  );
});
