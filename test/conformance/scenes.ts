import { expect, vi } from "vitest";
import { isPersisted } from "../../src/client/rooms.ts";
import type { RtcClient } from "../../src/client/types.ts";
import {
  type Capability,
  type JsonObject,
  NEVER,
  OWNER_KEY,
  type Room,
  type RoomFields,
  type RoomResourceInput,
  type RouteRequest,
  RtcError,
} from "../../src/contract/index.ts";
import type { Candidate } from "../../src/routing/route.ts";
import { Engine, type Program } from "./engine.ts";
import type { EngineOptions } from "./engine-process.ts";
import { type Scene, scene, type Trait, type World, type WorldWith } from "./world.ts";

/** Waits until what happened at the vendor shows. */
export function eventually(world: World, assertion: () => Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: world.timeoutMs, interval: 50 });
}

/** The RtcError that a call must end with, checked to hold nothing that it must not. */
export async function rejection(world: World, call: Promise<unknown>): Promise<RtcError> {
  const error = await call.then(
    () => expect.fail("This should have been rejected."),
    (reason: unknown) => reason,
  );
  if (!RtcError.isInstance(error)) return expect.fail(`This is no RtcError: ${String(error)}`);
  const everything = [error.message, error.stack, String(error), JSON.stringify(error)].join("\n");
  for (const secret of world.secrets) expect(everything.includes(secret), "a secret in an error").toBe(false);
  expect(error.stack).not.toMatch(/^\s+at /m);
  expect(error).not.toHaveProperty("id");
  return error;
}

/** Whether a vendor can do something, and if not, the code and the reason that it must answer with. */
export function ability(
  { explainRoute }: Pick<RtcClient, "explainRoute">,
  vendor: string,
  needed: Capability,
): Candidate {
  const { candidates } = explainRoute({ needs: [needed], vendor });
  const found = candidates.find((candidate) => candidate.vendor === vendor);
  return found ?? expect.fail(`There is no ${vendor}.`);
}

/** Whether rooms of a vendor can have a setting. */
function isHeld(
  { explainRoute }: Pick<RtcClient, "explainRoute">,
  vendor: string,
  settings: RoomFields,
): boolean {
  return !Object.keys(settings).some((field) => isRejected({ explainRoute }, vendor, { settings }, field));
}

/** Whether a vendor rejects a request for one of its settings. */
function isRejected(
  { explainRoute }: Pick<RtcClient, "explainRoute">,
  vendor: string,
  request: Partial<RouteRequest>,
  field: string,
): boolean {
  const { candidates } = explainRoute({ needs: [], ...request, vendor });
  return candidates.some((candidate) => candidate.vendor === vendor && candidate.field === field);
}

/** Whether a vendor of persistent rooms has a trait. */
export function hasTrait(
  client: Pick<RtcClient, "explainRoute" | "traits">,
  vendor: string,
  trait: Trait,
): boolean {
  const { persistentRooms, ...traits } = client.traits(vendor);
  const has: Record<Trait, boolean> = {
    tag: persistentRooms?.tagPlace !== null,
    metadata: persistentRooms?.metadataPlace !== null,
    timeout: isHeld(client, vendor, { emptyTimeoutSeconds: 600 }),
    revival: persistentRooms?.revivedByJoin === true,
    endless: persistentRooms?.lifetimeSeconds === null,
    signedTokens: !traits.issuesTokensByCall,
    emptyRecording: !traits.recordsOnlyOccupied,
    severalRecordings: !traits.recordsOneAtATime,
    roomRecording: isHeld(client, vendor, { enableRecording: true }),
    layouts: !isRejected(client, vendor, { recording: { layout: "speaker" } }, "layout"),
  };
  return has[trait];
}

/** Settings of a room that not every vendor can hold. */
const OPTIONAL_SETTINGS: readonly string[] = ["maxParticipants", "emptyTimeoutSeconds", "metadata"];

/** Those of the settings that rooms of the vendor can have. */
export function supportedSettings<S extends RoomResourceInput>(world: World, settings: S): S {
  const client = world.connect();
  const fits = ([field, value]: [string, unknown]) =>
    !OPTIONAL_SETTINGS.includes(field) || isHeld(client, world.vendor, { [field]: value });
  return Object.fromEntries(Object.entries(settings).filter(fits)) as S;
}

/** What a room's metadata is at the vendor itself: what was set and the ownership tag, where there is a place for them. */
export function expectedMetadata(world: World, metadata: JsonObject, owner: unknown): JsonObject {
  const client = world.connect();
  const hasTag = hasTrait(client, world.vendor, "tag") && typeof owner === "string";
  return {
    ...(hasTrait(client, world.vendor, "metadata") ? metadata : {}),
    ...(hasTag ? { [OWNER_KEY]: owner } : {}),
  };
}

/** The timeout that a room which stays for good has at the vendor. */
export function forGood(world: World): number | null {
  return hasTrait(world.connect(), world.vendor, "timeout") ? NEVER : null;
}

/** What a vendor does without a capability: rejects with UNSUPPORTED or NOT_CONFIGURED and the reason, without a call. */
export function rejects(
  capability: Capability,
  attempt: (client: RtcClient, world: World) => unknown,
): Scene {
  return scene([], async (world) => {
    const client = world.connect();
    const before = world.calls();
    const error = await rejection(world, (async () => attempt(client, world))());
    const { code, reason } = ability(client, world.vendor, capability);
    expect(["UNSUPPORTED", "NOT_CONFIGURED"]).toContain(code);
    expect(error.code).toBe(code);
    expect(error.message).toContain(reason);
    expect(world.calls(), "calls to the vendor").toBe(before);
  });
}

/** A new stack of the world. */
export function stackIn(world: World, options: EngineOptions & { connect?: () => RtcClient } = {}): Engine {
  return new Engine(options.connect ?? world.connect, { ...world.engine, ...options });
}

/** The same stack, in an engine with another configuration. */
export function movedEngine(world: World, engine: Engine, connect: () => RtcClient): Engine {
  const other = stackIn(world, { connect });
  for (const [name, resource] of engine.state) other.state.set(name, structuredClone(resource));
  return other;
}

/** A stack with one room, made. */
export async function declared(world: World, inputs: RoomResourceInput = {}) {
  const name = world.freshName();
  const program = { hall: { name, ...supportedSettings(world, inputs) } };
  const engine = stackIn(world);
  await engine.up(program);
  const sid = () => engine.state.get("hall")?.outputs["sid"];
  return { name, program, engine, sid };
}

/**
 * How every scene of a declared room ends: nothing to do, before and after a read of the vendor. Where rooms are
 * state-only and no gateway stores them, there is no such read.
 */
export async function expectNoChanges(world: World, engine: Engine, program: Program): Promise<void> {
  const before = world.calls();
  expect(await engine.preview(program), "a second plan").toEqual([]);
  expect(await engine.refresh(), "a refresh").toEqual([]);
  expect(await engine.preview(program), "a plan after the refresh").toEqual([]);
  if (!isPersisted(world.connect(), world.vendor))
    expect(world.calls(), "calls of a plan and a refresh").toBe(before);
}

/** A participant joins a room by name and is observed; returns how they leave. */
export async function occupy(
  world: WorldWith<"participants">,
  name: string,
  identity = world.participants.alice,
): Promise<() => Promise<void>> {
  const { participants, vendor } = world;
  await provide(world, name);
  const { token } = await world.connect().token.issue({ room: name, vendor, identity });
  const leave = await participants.join(token);
  await eventually(world, async () => expect(await participants.in(name)).toContain(identity));
  return async () => {
    await leave();
    await eventually(world, async () => expect(await participants.in(name)).not.toContain(identity));
  };
}

/** Creates a room for participants to join, where rooms are persistent and a join may create none. */
export async function provide(world: World, name: string): Promise<void> {
  if (world.rooms && (await world.rooms.observe(name)) === undefined) await world.rooms.make(name);
}

/** A room as the gateway has it. */
export function atGateway(world: World, name: string): Promise<Room> {
  return world.connect().room.get(`${world.vendor}:${name}`);
}

/** Whether the gateway can change a room. */
export function takesChanges(world: World): boolean {
  return ability(world.connect(), world.vendor, "rtc.room.update").fits;
}
