import { localClient } from "../../src/client/local.ts";
import type { RtcClient } from "../../src/client/types.ts";
import type { Registry } from "../../src/client/vendors.ts";
import { NEVER, type VendorAdapter } from "../../src/contract/index.ts";
import { freshName } from "./clients.ts";
import { TurnedClock } from "./clock.ts";
import { MemoryVendor } from "./memory.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import type { Subject } from "./suite.ts";
import type { Parts, World } from "./world.ts";

const OUTPUT = "s3://acme/";

/** How a saboteur is made from a good adapter or client: one thing is broken, the rest is unchanged. */
export interface Sabotage {
  adapter?(good: VendorAdapter, vendor: MemoryVendor): Partial<VendorAdapter>;
  client?(good: RtcClient, vendor: MemoryVendor): Partial<RtcClient>;
}

/** The in-memory vendor as a subject of the suite, whole or sabotaged. */
export function memorySubject(
  sabotage: Sabotage = {},
  make: (vendor: MemoryVendor) => VendorAdapter = memoryAdapter,
): Subject {
  const connect: Connect = (vendor, beside = {}) => {
    const good = make(vendor);
    const adapter = { ...good, ...sabotage.adapter?.(good, vendor) };
    const client = localClient({ recordingOutput: OUTPUT }, { ...beside, memory: () => adapter });
    return { ...client, ...sabotage.client?.(client, vendor) };
  };
  const client = connect(new MemoryVendor());
  return { vendor: "memory", client, lacks: {}, open: async () => memoryWorld(connect) };
}

/** A client of a vendor, and of others that come before it. */
type Connect = (vendor: MemoryVendor, beside?: Registry) => RtcClient;

const at = (name: string) => ({ region: null, name });

function memoryWorld(connect: Connect): World {
  const vendor = new MemoryVendor();
  return {
    vendor: "memory",
    connect: () => connect(vendor),
    connectElsewhere: () => connect(new MemoryVendor("https://elsewhere.example")),
    connectAsStranger: () => connect(new MemoryVendor(vendor.endpoint, "another-secret")),
    connectBesideAnother: () =>
      connect(vendor, { another: () => ({ ...memoryAdapter(new MemoryVendor()), vendor: "another" }) }),
    freshName,
    calls: () => vendor.calls.length,
    secrets: [vendor.secret, vendor.storageKey],
    timeoutMs: 0,
    tokenGrants: new Set(["canSubscribe", "canPublishData", "isAdmin", "displayName", "metadata"]),
    read: (token) => {
      const { name, identity, displayName, metadata, expiresAt, ...rest } = vendor.read(token);
      const { canPublish, canSubscribe, canPublishData, isAdmin } = rest;
      return {
        ...{ room: name, identity, displayName: displayName ?? null, metadata: metadata ?? null, expiresAt },
        ...{ canPublish, canSubscribe, canPublishData, isAdmin, more: [] },
      };
    },
    close: async () => {},
    ...partsOf(vendor),
    ...recordingParts(vendor),
  };
}

function partsOf(vendor: MemoryVendor): Omit<Parts, "recorder" | "mishaps"> {
  return {
    rooms: {
      observe: async (name) => {
        const room = vendor.room(at(name));
        if (!room) return undefined;
        const { maxParticipants, emptyTimeoutSeconds, metadata } = room;
        return { maxParticipants, emptyTimeoutSeconds, metadata: metadata ?? {} };
      },
      make: async (name, settings) => {
        vendor.make(at(name), settings);
      },
      edit: async (name, metadata) => {
        const room = vendor.room(at(name));
        if (room) room.metadata = metadata;
      },
      lose: async (name) => vendor.lose(at(name)),
    },
    participants: {
      alice: "alice",
      bob: "bob",
      join: async (token, room) => {
        const { identity, displayName, settings, ...spec } = vendor.read(token);
        if (room !== undefined && room !== spec.name) throw new Error("The token is for another room.");
        if (!vendor.room(spec) && settings) {
          const { maxParticipants, emptyTimeoutSeconds, metadata } = settings;
          const timeout = emptyTimeoutSeconds === NEVER ? undefined : (emptyTimeoutSeconds ?? undefined);
          const timeouts = { emptyTimeoutSeconds: timeout, departureTimeoutSeconds: timeout };
          const asked = { maxParticipants, metadata, ...(timeout === undefined ? {} : timeouts) };
          vendor.make(at(spec.name), asked);
        }
        const leave = vendor.enter(at(spec.name), identity, true, displayName);
        return async () => leave();
      },
      in: async (name) => {
        const participants = vendor.room(at(name))?.inside.filter(({ isPerson }) => isPerson) ?? [];
        return participants.map(({ identity }) => identity);
      },
    },
    agents: {
      join: async (name) => {
        vendor.enter(at(name), "helper", false);
      },
    },
    faults: {
      break: (fault) => {
        vendor.fault = fault;
      },
      repair: () => {
        vendor.fault = undefined;
      },
    },
    lostAnswers: {
      loseNextAnswer: () => {
        vendor.losesNextAnswer = true;
      },
    },
  };
}

function recordingParts(vendor: MemoryVendor): Pick<Parts, "recorder" | "mishaps"> {
  const { recorder } = vendor;
  return {
    recorder: {
      clock: new TurnedClock(),
      outputUri: OUTPUT,
      storageKeys: [vendor.storageKey],
      list: async (name) =>
        [...recorder.recordings.values()]
          .filter((one) => one.name === name)
          .map((one) => ({ id: one.id, status: recorder.read(one).status })),
      publish: async (token) => {
        const { name, identity } = vendor.read(token);
        const leave = vendor.publish(at(name), identity);
        return async () => leave();
      },
    },
    mishaps: {
      killRecorder: async (id) => recorder.kill(id),
      forget: async (id) => recorder.forget(id),
      loseNextStart: () => {
        recorder.losesNextAnswer = true;
      },
      failStarts: async (_name, why) => {
        recorder.startFailure = why;
      },
      failStorage: async (_name, why) => {
        recorder.storageFailure = why;
      },
    },
  };
}
