import { beforeAll, describe } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { THROUGH_CORE_ONLY, THROUGH_OURS, WHERE_FILES_TAKE_TIME } from "./gateway-exceptions.ts";
import { throughGateway } from "./gateway-world.ts";
import { livekitSubject } from "./livekit-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

describe.concurrent("through our gateway, a real LiveKit server", () =>
  conformance(
    inVitest,
    throughGateway(
      livekitSubject(() => server),
      { advertised: "everything", except: THROUGH_OURS },
    ),
  ));

describe.concurrent("through a gateway with only the core capabilities, a real LiveKit server", () =>
  conformance(
    inVitest,
    throughGateway(
      livekitSubject(() => server),
      { advertised: "core only", except: { ...THROUGH_CORE_ONLY, ...WHERE_FILES_TAKE_TIME } },
    ),
  ));
