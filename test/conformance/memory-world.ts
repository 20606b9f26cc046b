import { localClient } from "../../src/client/local.ts";
import type { RtcClient } from "../../src/client/types.ts";
import { NEVER, type VendorAdapter } from "../../src/contract/index.ts";
import { TurnedClock } from "./clock.ts";
import { MemoryVendor } from "./memory.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import type { Subject } from "./suite.ts";
import type { RecordingWorld, World } from "./world.ts";

const OUTPUT = "s3://acme/";

/** How a saboteur is made from a good adapter or client: one thing is broken, the rest is kept. */
export interface Sabotage {
  adapter?(good: VendorAdapter, vendor: MemoryVendor): Partial<VendorAdapter>;
  client?(good: RtcClient, vendor: MemoryVendor): Partial<RtcClient>;
}

/** The in-memory vendor as a subject of the suite, whole or sabotaged. */
export function memorySubject(sabotage: Sabotage = {}): Subject {
  const connect = (vendor: MemoryVendor): RtcClient => {
    const good = memoryAdapter(vendor);
    const adapter = { ...good, ...sabotage.adapter?.(good, vendor) };
    const client = localClient({ recordingOutput: OUTPUT }, { memory: () => adapter });
    return { ...client, ...sabotage.client?.(client, vendor) };
  };
  const { explainRoute } = connect(new MemoryVendor());
  return { vendor: "memory", explainRoute, open: async () => memoryWorld(connect) };
}

const at = (name: string) => ({ region: null, name });

function memoryWorld(connect: (vendor: MemoryVendor) => RtcClient): World {
  const vendor = new MemoryVendor();
  let names = 0;
  return {
    vendor: "memory",
    connect: () => connect(vendor),
    connectElsewhere: () => connect(new MemoryVendor("https://elsewhere.example")),
    freshName: () => `room-${++names}`,
    calls: () => vendor.calls.length,
    secrets: [vendor.secret, vendor.storageKey],
    patienceMs: 0,
    look: async (name) => {
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
    join: async (token) => {
      const { identity, displayName, settings, ...spec } = vendor.read(token);
      if (!vendor.room(spec) && settings) {
        const { maxParticipants, emptyTimeoutSeconds, metadata } = settings;
        const timeout = emptyTimeoutSeconds === NEVER ? undefined : (emptyTimeoutSeconds ?? undefined);
        const timeouts = { emptyTimeoutSeconds: timeout, departureTimeoutSeconds: timeout };
        vendor.make(at(spec.name), { maxParticipants, metadata, ...(timeout === undefined ? {} : timeouts) });
      }
      const leave = vendor.enter(at(spec.name), identity, true, displayName);
      return async () => leave();
    },
    joinAsAgent: async (name) => {
      vendor.enter(at(name), "helper", false);
    },
    read: (token) => {
      const { name, identity, displayName, metadata, expiresAt, ...rest } = vendor.read(token);
      const { canPublish, canSubscribe, canPublishData, isAdmin } = rest;
      return {
        ...{ room: name, identity, displayName: displayName ?? null, metadata: metadata ?? null, expiresAt },
        ...{ canPublish, canSubscribe, canPublishData, isAdmin, more: [] },
      };
    },
    break: (fault) => {
      vendor.fault = fault;
    },
    mend: () => {
      vendor.fault = undefined;
    },
    loseNextAnswer: () => {
      vendor.losesNextAnswer = true;
    },
    ...recordingWorld(vendor),
  };
}

function recordingWorld(vendor: MemoryVendor): RecordingWorld {
  const { recorder } = vendor;
  return {
    clock: new TurnedClock(),
    outputUri: OUTPUT,
    storageKeys: [vendor.storageKey],
    recordings: async (name) =>
      [...recorder.recordings.values()]
        .filter((one) => one.name === name)
        .map((one) => ({ id: one.id, status: recorder.look(one).status })),
    publish: async (token) => {
      const { name, identity } = vendor.read(token);
      const leave = vendor.publish(at(name), identity);
      return async () => leave();
    },
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
  };
}
