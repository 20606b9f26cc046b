import { expect } from "vitest";
import type { RecordingResourceInput, RoomResourceInput } from "../../src/contract/index.ts";
import type { Engine } from "./engine.ts";
import type { EngineOptions } from "./engine-process.ts";
import { eventually, hasTrait, stackIn, supportedSettings } from "./scenes.ts";
import type { WorldWith } from "./world.ts";

type World = WorldWith<"recorder">;

type Inputs = Omit<RecordingResourceInput, "room" | "roomSid">;

/** A program with one room and one recording of it. */
export function recorded(world: World, name: string, inputs: Inputs = {}, room: RoomResourceInput = {}) {
  return {
    hall: { name, ...room },
    tape: { records: "hall", audioOnly: true, outputUri: world.recorder.outputUri, ...inputs },
  };
}

/** An engine that takes the world's time, and has an output for recordings. */
export function engineIn(world: World, options: EngineOptions = {}): Engine {
  const config = { recordingOutput: world.recorder.outputUri, ...options.config };
  return stackIn(world, { clock: world.recorder.clock, ...options, config });
}

/** A stack with one room and one recording of it. */
export async function declared(world: World, inputs: Inputs = {}, room: RoomResourceInput = {}) {
  const name = world.freshName();
  const program = recorded(world, name, inputs, supportedSettings(world, room));
  const engine = engineIn(world);
  if (isOccupiedOnly(world)) {
    await engine.up({ hall: program.hall });
    await joinAndPublish(world, name);
  }
  await engine.up(program);
  return { name, program, engine, tape: () => tapeOf(engine) };
}

/** What the engine remembers of the recording. */
export function tapeOf(engine: Engine): Record<string, unknown> {
  return engine.state.get("tape")?.outputs ?? {};
}

/** The statuses of a room's recordings, in the order in which they were started. */
export async function statuses(world: World, name: string): Promise<string[]> {
  return (await world.recorder.list(name)).map(({ status }) => status);
}

/** Whether the vendor records a room only while participants are in it. */
function isOccupiedOnly(world: World): boolean {
  return !hasTrait(world.connect(), world.vendor, "emptyRecording");
}

/** The status of a recording that was just declared: the room is still empty, or the vendor needs a participant. */
export function begun(world: World): string {
  return isOccupiedOnly(world) ? "active" : "starting";
}

/** The status of such a one that was stopped. */
export function stopped(world: World): string {
  return isOccupiedOnly(world) ? "complete" : "aborted";
}

/** A participant joins a room and publishes; returns how they leave. */
export async function joinAndPublish(world: World, name: string): Promise<() => Promise<void>> {
  const client = world.connect();
  const { token } = await client.token.issue({ room: name, vendor: world.vendor, identity: "alice" });
  const leave = await world.recorder.publish(token);
  await eventually(world, async () => {
    expect((await client.participant.list(name)).items).toHaveLength(1);
  });
  return async () => {
    await leave();
    await eventually(world, async () => {
      expect((await client.participant.list(name)).items).toHaveLength(0);
    });
  };
}

/** A participant joins and publishes, and the last recording is active; returns how they leave. */
export async function onAir(world: World, name: string): Promise<() => Promise<void>> {
  const leave = await joinAndPublish(world, name);
  await becomes(world, name, "active");
  return leave;
}

/** The status of a room's last recording becomes this one. */
export async function becomes(world: World, name: string, status: string): Promise<void> {
  await eventually(world, async () => expect((await statuses(world, name)).at(-1)).toBe(status));
}

/** The statuses of a room's recordings become these: does not wait for an end that a gateway does not show. */
export async function become(world: World, name: string, all: readonly string[]): Promise<void> {
  await eventually(world, async () => expect(await statuses(world, name)).toEqual(all));
}

/** The vendor's own id of a room's last recording. */
export async function lastOf(world: World, name: string): Promise<string> {
  const last = (await world.recorder.list(name)).at(-1);
  return last?.id ?? expect.fail(`Nothing has recorded ${name}.`);
}
