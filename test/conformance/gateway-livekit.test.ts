import { beforeAll, describe } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { THROUGH_OURS, THROUGH_THE_NINE, WHERE_FILES_TAKE_TIME } from "./gateway-exceptions.ts";
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
      { offer: "everything", except: THROUGH_OURS },
    ),
  ));

describe.concurrent("through a gateway that has only the nine, a real LiveKit server", () =>
  conformance(
    inVitest,
    throughGateway(
      livekitSubject(() => server),
      { offer: "the nine", except: { ...THROUGH_THE_NINE, ...WHERE_FILES_TAKE_TIME } },
    ),
  ));
