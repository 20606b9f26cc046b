import { expect, vi } from "vitest";
import type { RtcClient } from "../../src/client/types.ts";
import {
  type Capability,
  type JsonObject,
  type RecordingStatus,
  type RoomResourceInput,
  RtcError,
} from "../../src/contract/index.ts";
import type { Clock } from "../../src/support/clock.ts";
import { Engine, type Program } from "./engine.ts";
import type { Fault } from "./memory.ts";

/** A room as the vendor itself shows it, without any of our code in between. */
export interface Look {
  maxParticipants: number | null;
  emptyTimeoutSeconds: number;
  /** With the owner mark. */
  metadata: JsonObject;
}

/** What a token allows, read by other code than the one that made it. */
export interface Grants {
  room: string;
  identity: string;
  displayName: string | null;
  metadata: JsonObject | null;
  canPublish: boolean;
  canSubscribe: boolean;
  canPublishData: boolean;
  isAdmin: boolean;
  /** Whatever else it allows. */
  more: string[];
  expiresAt: string;
}

/** What goes on at a vendor that records, without any of our code in between. */
export interface RecordingWorld {
  /** By which waiting goes here. */
  readonly clock: Clock;
  /** A folder that recordings can go to; also the configured output. */
  readonly outputUri: string;
  /** The configured credentials of its storage. */
  readonly storageKeys: readonly string[];

  /** The recordings of a room by the vendor's own ids, in the order in which they were started. */
  recordings(name: string): Promise<{ id: string; status: RecordingStatus }[]>;
  /** Somebody joins and publishes a track; returns how they leave. */
  publish(token: string): Promise<() => Promise<void>>;
  /** What records dies. */
  killRecorder(id: string): Promise<void>;
  /** The vendor remembers recordings for a while only. */
  forget(id: string): Promise<void>;
  /** The vendor starts the next recording, but its answer does not arrive. */
  loseNextStart(): void;
  /** Recordings of a room are accepted and fail at once. */
  failStarts(name: string, why: string): Promise<void>;
  /** The files of a room's recordings cannot be stored. */
  failStorage(name: string, why: string): Promise<void>;
}

/** The subject of the suite, fresh for every case: a client, and what goes on at the vendor without it. */
export interface World extends RecordingWorld {
  readonly vendor: string;
  /** A client as a new process has it. */
  connect(): RtcClient;
  /** A client whose configuration names another address. */
  connectElsewhere(): RtcClient;
  /** A room name that nothing else uses. */
  freshName(): string;
  /** How many calls have reached the vendor. */
  calls(): number;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
  /** How long the vendor may take until what happened shows. */
  readonly patienceMs: number;

  look(name: string): Promise<Look | undefined>;
  /** Somebody makes a room by hand. */
  make(name: string, settings?: { maxParticipants?: number; metadata?: JsonObject }): Promise<void>;
  /** Somebody sets a room's whole metadata by hand. */
  edit(name: string, metadata: JsonObject): Promise<void>;
  /** The vendor loses a room: it expires, or the server forgets it. */
  lose(name: string): Promise<void>;
  /** Somebody joins; returns how they leave. */
  join(token: string): Promise<() => Promise<void>>;
  /** A program joins that is no person. */
  joinAsAgent(name: string): Promise<void>;
  read(token: string): Grants;

  /** All calls fail from now on, until mended. */
  break(fault: Fault): void;
  mend(): void;
  /** The vendor makes the next room, but its answer does not arrive. */
  loseNextAnswer(): void;
}

/** One test of the suite: it names what must hold, and fails where it does not. */
export type Case = (world: World) => Promise<void>;
/** Cases by name. */
export type Cases = Record<string, Case>;

/** What a capability promises: to a vendor that can, and to one that cannot. */
export interface Facet {
  can: Cases;
  cannot: Cases;
}

/** Waits until what happened at the vendor shows. */
export function eventually(world: World, assertion: () => Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: world.patienceMs, interval: 50 });
}

/** The RtcError that a call must end with, checked to hold nothing that it must not. */
export async function refusal(world: World, call: Promise<unknown>): Promise<RtcError> {
  const error = await call.then(
    () => expect.fail("This should have been refused."),
    (reason: unknown) => reason,
  );
  if (!RtcError.isInstance(error)) return expect.fail(`This is no RtcError: ${String(error)}`);
  const everything = [error.message, error.stack, String(error), JSON.stringify(error)].join("\n");
  for (const secret of world.secrets) expect(everything.includes(secret), "a secret in an error").toBe(false);
  expect(error.stack).not.toMatch(/^\s+at /m);
  expect(error).not.toHaveProperty("id");
  return error;
}

/** What a vendor that lacks a capability does: says UNSUPPORTED and why, without a call. */
export function refuses(capability: Capability, attempt: (client: RtcClient, world: World) => unknown): Case {
  return async (world) => {
    const client = world.connect();
    const before = world.calls();
    const error = await refusal(world, (async () => attempt(client, world))());
    expect(error.code).toBe("UNSUPPORTED");
    const { candidates } = client.explainRoute({ needs: [capability], vendor: world.vendor });
    expect(error.message).toContain(candidates.find(({ vendor }) => vendor === world.vendor)?.reason);
    expect(world.calls(), "calls to the vendor").toBe(before);
  };
}

/** A stack with one room, made. */
export async function declared(world: World, inputs: RoomResourceInput = {}) {
  const name = world.freshName();
  const program = { hall: { name, ...inputs } };
  const engine = new Engine(world.connect);
  await engine.up(program);
  const sid = () => engine.state.get("hall")?.outputs["sid"];
  return { name, program, engine, sid };
}

/** How every scenario of a declared room ends: nothing to do, before and after a look at the vendor. */
export async function settled(engine: Engine, program: Program): Promise<void> {
  expect(await engine.preview(program), "a second plan").toEqual([]);
  expect(await engine.refresh(), "a refresh").toEqual([]);
  expect(await engine.preview(program), "a plan after the refresh").toEqual([]);
}

/** Somebody joins a room by name, and is listed. */
export async function occupy(world: World, name: string, identity = "alice"): Promise<() => Promise<void>> {
  const client = world.connect();
  const { token } = await client.token.issue({ room: name, vendor: world.vendor, identity });
  const leave = await world.join(token);
  await eventually(world, async () => {
    const { items } = await client.participant.list(name);
    expect(items.map((person) => person.identity)).toContain(identity);
  });
  return async () => {
    await leave();
    await eventually(world, async () => {
      const { items } = await client.participant.list(name);
      expect(items.map((person) => person.identity)).not.toContain(identity);
    });
  };
}
