import { beforeAll, describe } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { THROUGH_ANY } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { livekitSubject } from "./livekit-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

describe("through our gateway, a real LiveKit server", () => {
  let server: LivekitServer;
  beforeAll(async () => {
    server = await startLivekit({ egress: "worker" });
  });
  conformance(
    inVitest,
    throughGateway(
      livekitSubject(() => server),
      { offer: "everything", except: THROUGH_ANY },
    ),
  );
});
