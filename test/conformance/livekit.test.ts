import { beforeAll, describe, it } from "vitest";
import { localClient } from "../../src/client/local.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { livekitWorld } from "./livekit-world.ts";
import { conformance } from "./suite.ts";

describe("LiveKit, a real server", () => {
  let server: LivekitServer;
  beforeAll(async () => {
    server = await startLivekit({ egress: "worker" });
  });
  const keys = { livekitUrl: "ws://127.0.0.1:1", livekitApiKey: "key", livekitApiSecret: "secret" };
  const { explainRoute } = localClient(keys);
  conformance(
    { group: describe, test: it },
    { vendor: "livekit", explainRoute, open: () => livekitWorld(server) },
  );
});
