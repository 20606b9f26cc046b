import type { RtcConfig } from "../../src/client/config.ts";
import { localClient } from "../../src/client/local.ts";
import type { RtcClient } from "../../src/client/types.ts";
import type { Registry } from "../../src/client/vendors.ts";
import { everyVendor } from "../../src/client/vendors.ts";
import type { VendorAdapter } from "../../src/contract/index.ts";
import { clientsOf, freshName } from "./clients.ts";
import type { Lifecycles } from "./engine-process.ts";
import type { Subject } from "./suite.ts";
import type { Grants, Part, Parts, TokenWord, World } from "./world.ts";

/** What a vendor of on-demand rooms is like, on an account as on its stand-in. */
export interface Nature {
  vendor: string;
  /** What it has no place for, and why. */
  lacks: Partial<Record<Part, string>>;
  tokenGrants: ReadonlySet<TokenWord>;
  /** How many rooms it lists in one answer; absent where it lists none, or all at once. */
  pageOfRooms?: number;
  /** The same configuration, but for another app. */
  elsewhere(own: RtcConfig): RtcConfig;
  /** The same configuration with the keys of another account. */
  stranger(own: RtcConfig): RtcConfig;
  /** Reads a token with other code than the adapter's, and checks that the configured keys have made it. */
  read(token: string, own: RtcConfig): Grants;
  secrets(own: RtcConfig): string[];
}

/** A vendor that runs, and what goes on there. */
export interface Running extends Pick<Parts, "participants" | "faults">, Partial<Pick<Parts, "agents">> {
  config: RtcConfig;
  /** How many calls have reached it. */
  calls(): number;
  stop(): Promise<void>;
}

/** One thing broken on purpose. */
export interface RecordSabotage {
  adapter?(good: VendorAdapter, config: RtcConfig): Partial<VendorAdapter>;
  engine?(good: Lifecycles, connect: () => RtcClient): Lifecycles;
}

/** What may be else than it should be. */
export interface Variant {
  sabotage?: RecordSabotage;
  /** Configuration that is not there. */
  without?: (keyof RtcConfig)[];
}

/** Why nothing is stored, found or recorded at such a vendor. */
const RECORDS = "its rooms are on demand";
const NO_RECORDER = "it has no recordings";

/** The parts that no such vendor has. */
export const NEVER_THERE: Partial<Record<Part, string>> = {
  rooms: RECORDS,
  lostAnswers: RECORDS,
  recorder: NO_RECORDER,
  mishaps: NO_RECORDER,
};

/** A vendor of on-demand rooms as a subject of the suite: its stand-in is started for each case. */
export function recordSubject(
  nature: Nature,
  start: () => Promise<Running>,
  example: RtcConfig,
  { sabotage = {}, without = [] }: Variant = {},
): Subject {
  const lacking = (config: RtcConfig): RtcConfig =>
    Object.fromEntries(Object.entries(config).filter(([key]) => !without.some((name) => name === key)));
  const known = registryWith(nature.vendor, sabotage);
  return {
    vendor: nature.vendor,
    client: localClient(lacking(example), known),
    lacks: { ...NEVER_THERE, ...nature.lacks },
    open: async () => {
      const { config, calls, stop, participants, faults, agents } = await start();
      return {
        ...recordWorld(nature, lacking(config), known, sabotage),
        ...{ participants, faults, calls, close: stop },
        ...(agents && { agents }),
        read: (token) => nature.read(token, config),
        secrets: nature.secrets(config),
        timeoutMs: 2_000,
        ...(nature.pageOfRooms && { pageOfRooms: nature.pageOfRooms }),
      };
    },
  };
}

/** What a world has of the configuration alone. */
export function recordWorld(
  { vendor, elsewhere, stranger, tokenGrants, read, secrets }: Nature,
  own: RtcConfig,
  known: Registry,
  { engine }: RecordSabotage = {},
): Omit<World, keyof Parts | "calls" | "close" | "timeoutMs"> {
  const clients = clientsOf(vendor, known, { own, elsewhere: elsewhere(own), stranger: stranger(own) });
  return {
    ...clients,
    freshName,
    tokenGrants,
    read: (token) => read(token, own),
    secrets: secrets(own),
    ...(engine && { engine: { sabotage: (good) => engine(good, clients.connect) } }),
  };
}

function registryWith(vendor: string, { adapter }: RecordSabotage): Registry {
  const make = everyVendor[vendor];
  if (make === undefined || adapter === undefined) return everyVendor;
  return {
    ...everyVendor,
    [vendor]: (config) => {
      const good = make(config);
      return { ...good, ...adapter(good, config) };
    },
  };
}
