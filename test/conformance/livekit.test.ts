import { beforeAll, describe } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { livekitSubject } from "./livekit-world.ts";
import { inVitest } from "./runner.ts";
import { conformance } from "./suite.ts";

describe("LiveKit, a real server", () => {
  let server: LivekitServer;
  beforeAll(async () => {
    server = await startLivekit({ egress: "worker" });
  });
  conformance(
    inVitest,
    livekitSubject(() => server),
  );
});
