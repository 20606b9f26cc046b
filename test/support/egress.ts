import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { inject } from "vitest";
import { z } from "zod";
import { type LiveKitSettings, liveKitUrl } from "../../scripts/livekit.mts";
import { atEndOfFile, killAtTheEnd } from "./cleanup.ts";

/** What is to go wrong, for the recordings of one room or of all; none takes it back. */
export interface EgressFaults {
  room?: string;
  noAnswer?: boolean;
  outOfCapacity?: boolean;
  startFailure?: string;
  sessionLimitMs?: number;
  /** Fails one recording, and the worker takes no other any more. */
  internalError?: string;
  noLaunch?: boolean;
  /** Why the worker ends a recording that is under way. */
  cut?: "CPU exhausted" | "Process killed" | "Failure";
  uploadFailure?: string;
  finishMs?: number;
}

/** The stand-in for Redis and an egress worker, which renders no media. */
export interface Egress {
  readonly redisAddress: string;
  faults(faults: EgressFaults): Promise<void>;
  /** Ends the process that records, as an accident would. */
  killRecorder(egressId: string): Promise<void>;
  /** Whether the real worker would render a web page for a recording that has not ended. */
  needsBrowser(egressId: string): Promise<boolean | undefined>;
  /** Whether the worker takes no other recording any more. */
  isDraining(): Promise<boolean>;
  /** Takes ended recordings out of the server's memory, as time does. */
  forget(egressId: string | "all"): Promise<void>;
}

const health = z.object({
  draining: z.boolean(),
  recordings: z.array(z.object({ egressId: z.string(), browser: z.boolean() })),
});
const ready = z.object({ redisPort: z.number(), controlPort: z.number() });

/** Starts the stand-in for a server that is about to start; without a worker it is Redis alone. */
export async function startEgress(settings: LiveKitSettings, worker: boolean): Promise<Egress> {
  const args = worker
    ? ["--livekit-url", liveKitUrl(settings), "--output-dir", inject("scratch")]
    : ["--no-worker"];
  const env = { ...process.env, LIVEKIT_API_KEY: settings.apiKey, LIVEKIT_API_SECRET: settings.apiSecret };
  const child = spawn(inject("engines").egressStandin, args, { env, stdio: ["pipe", "pipe", "ignore"] });
  killAtTheEnd(() => child.kill("SIGKILL"));
  const [line] = await once(createInterface(child.stdout), "line");
  const { redisPort, controlPort } = ready.parse(JSON.parse(String(line)));
  atEndOfFile(async () => {
    const gone = once(child, "exit");
    child.stdin.end();
    await gone;
  });
  const post = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${controlPort}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  };
  const readHealth = async () => health.parse(await (await fetch(`http://127.0.0.1:${controlPort}/`)).json());
  return {
    redisAddress: `127.0.0.1:${redisPort}`,
    faults: (faults) => post("/faults", faults),
    killRecorder: (egressId) => post("/kill-recorder", { egressId }),
    needsBrowser: async (id) =>
      (await readHealth()).recordings.find(({ egressId }) => egressId === id)?.browser,
    isDraining: async () => (await readHealth()).draining,
    forget: (egressId) => post("/forget", { egressId }),
  };
}
