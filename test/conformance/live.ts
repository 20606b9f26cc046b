import { randomBytes } from "node:crypto";
import { EgressClient, RoomServiceClient } from "livekit-server-sdk";
import { type ConfigKey, ENVIRONMENT, type RtcConfig, readConfig } from "../../src/client/config.ts";
import { localClient } from "../../src/client/local.ts";
import { everyVendor } from "../../src/client/vendors.ts";
import { systemClock } from "../../src/support/clock.ts";
import { onRequest } from "../support/requests.ts";
import { agoraNature } from "./agora-world.ts";
import { clientsOf } from "./clients.ts";
import { LIVEKIT_TOKENS_SAY, livekitGrants } from "./livekit-grants.ts";
import { type LivekitAccount, livekitParts, livekitRecordings } from "./livekit-world.ts";
import { type Nature, NEVER_THERE, recordWorld } from "./record-world.ts";
import type { Subject } from "./suite.ts";
import type { World } from "./world.ts";
import { zegoNature } from "./zego-world.ts";

/** How a vendor's own account becomes a subject of the suite. */
export interface Live {
  /** What the account needs. */
  keys: readonly ConfigKey[];
  subject(config: RtcConfig): Subject;
}

const NO_FAULTS = "a real account does not fail on request";

/** The vendors that the suite can be run against for real. */
export const LIVE: Record<string, Live> = {
  livekit: { keys: ["livekitUrl", "livekitApiKey", "livekitApiSecret"], subject: livekit },
  agora: {
    keys: ["agoraAppId", "agoraAppCertificate", "agoraCustomerId", "agoraCustomerSecret"],
    subject: (config) =>
      withoutParticipants(agoraNature, config, "Agora has no client for Node: no participant can join"),
  },
  zego: {
    keys: ["zegoAppId", "zegoServerSecret"],
    subject: (config) =>
      withoutParticipants(zegoNature, config, "Zego has no client for Node: no participant can join"),
  },
};

/** Which vendors `RTC_LIVE` asks for, e.g. `agora` or `livekit,zego`. */
export function asked(environment: NodeJS.ProcessEnv): string[] {
  const names = (environment["RTC_LIVE"] ?? "").split(",").map((name) => name.trim());
  return names.filter((name) => name !== "");
}

/** The variables of configuration keys. */
export function namesOf(keys: readonly ConfigKey[]): string[] {
  return keys.map((key) => ENVIRONMENT[key]);
}

/** What the environment has for a vendor, which is then the only one, and the variables that it lacks. */
export function accountOf(vendor: string, { keys }: Live, environment: NodeJS.ProcessEnv) {
  const config = { ...readConfig({}, undefined, environment), vendors: [vendor] };
  return { config, missing: namesOf(keys.filter((key) => config[key] === undefined)) };
}

let calls = 0;
let counting = false;

/** Counts what leaves this process: there is nothing in front of a real account that could. */
function countCalls(): void {
  if (counting) return;
  counting = true;
  onRequest(() => {
    calls += 1;
  });
}

function liveWorld(): Pick<World, "freshName" | "calls" | "timeoutMs"> {
  countCalls();
  const before = calls;
  const run = randomBytes(4).toString("hex");
  let names = 0;
  return {
    freshName: () => {
      names += 1;
      return `conformance-${run}-${names}`;
    },
    calls: () => calls - before,
    timeoutMs: 30_000,
  };
}

function withoutParticipants(nature: Nature, config: RtcConfig, participants: string): Subject {
  return {
    vendor: nature.vendor,
    client: localClient(config),
    lacks: { ...NEVER_THERE, participants, faults: NO_FAULTS, ...nature.lacks },
    // Rooms are on demand: there is nothing to remove.
    open: async () => ({
      ...recordWorld(nature, config, everyVendor),
      ...liveWorld(),
      close: async () => {},
    }),
  };
}

function livekit(config: RtcConfig): Subject {
  const { livekitUrl: url = "", livekitApiKey: apiKey = "", livekitApiSecret: apiSecret = "" } = config;
  const address = url.replace(/^ws/, "http");
  const server: LivekitAccount = {
    ...{ url, apiKey, apiSecret },
    service: new RoomServiceClient(address, apiKey, apiSecret),
    recordings: new EgressClient(address, apiKey, apiSecret),
  };
  const { recordingOutput: outputUri } = config;
  const storageKeys = [config.s3SecretAccessKey, config.gcpCredentials, config.azureAccountKey].filter(
    (key) => key !== undefined,
  );
  return {
    vendor: "livekit",
    client: localClient(config),
    lacks: {
      ...{ faults: NO_FAULTS, lostAnswers: NO_FAULTS, mishaps: NO_FAULTS },
      ...(outputUri === undefined && {
        recorder: `${ENVIRONMENT.recordingOutput} is not set: recordings have no output`,
      }),
    },
    open: async () => {
      const { freshName, ...world } = liveWorld();
      const made: string[] = [];
      return {
        ...clientsOf("livekit", everyVendor, {
          own: config,
          elsewhere: { ...config, livekitUrl: "wss://elsewhere.invalid" },
          stranger: { ...config, livekitApiSecret: "another-accounts-secret" },
        }),
        ...world,
        freshName: () => {
          made.push(freshName());
          return made.at(-1) ?? "";
        },
        secrets: [apiKey, apiSecret, "eyJ", ...storageKeys],
        tokenGrants: LIVEKIT_TOKENS_SAY,
        read: (token) => livekitGrants(token, apiSecret),
        ...livekitParts(server),
        ...(outputUri !== undefined && {
          recorder: { clock: systemClock, outputUri, storageKeys, ...livekitRecordings(server) },
        }),
        close: async () => {
          for (const { name } of await server.service.listRooms(made)) await server.service.deleteRoom(name);
        },
      };
    },
  };
}
