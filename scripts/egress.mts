import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { freePort } from "./lib/ports.mts";
import { type LiveKitSettings, liveKitUrl } from "./livekit.mts";

/** Where the stand-in for Redis and an egress worker listens, on loopback. */
export interface EgressSettings {
  redisPort: number;
  controlPort: number;
}

/** Free ports. */
export async function chooseEgressSettings(): Promise<EgressSettings> {
  const [redisPort, controlPort] = await Promise.all([freePort("tcp"), freePort("tcp")]);
  return { redisPort, controlPort };
}

/** Starts the stand-in, which outlives us; its output goes to the open file `log`. It renders no media. */
export function spawnEgress(
  binary: string,
  settings: LiveKitSettings & EgressSettings,
  outputs: string,
  log: number,
): ChildProcess {
  const { redisPort, controlPort, apiKey, apiSecret } = settings;
  const args = [
    ...["--redis-port", String(redisPort), "--control-port", String(controlPort)],
    ...["--livekit-url", liveKitUrl(settings), "--output-dir", outputs, "--detached"],
  ];
  const env = { ...process.env, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
  return spawn(binary, args, { stdio: ["ignore", log, log], detached: true, env });
}

/** Whether its Redis takes connections: LiveKit does not start without. */
export function redisAnswers({ redisPort }: EgressSettings): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(redisPort, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
