import { createHash } from "node:crypto";
import { isEnded, type JsonObject, type RecordingStatus } from "../../src/contract/index.ts";
import type { Program } from "../conformance/engine.ts";

/** A room as the vendor has it, without any of our code in between. */
export interface ObservedRoom {
  sid: string;
  maxParticipants: number | null;
  /** Before the first person, and after the last. */
  timeouts: readonly [number, number];
  /** Without the ownership tag; null: no JSON object. */
  metadata: JsonObject | null;
  owner: string | null;
  participants: number;
}

/** A recording as the vendor has it. */
export interface ObservedTape {
  id: string;
  /** The room's name and generation. */
  room: string;
  sid: string;
  status: RecordingStatus;
  /** The last layout that the recorder received; for an ended one it may be that of its start. */
  layout: string;
  audioOnly: boolean;
  /** The folder that its file goes to. */
  output: string;
  /** Its finished file. */
  file?: string;
}

/** A resource as the stack remembers it. */
export interface StoredResource {
  kind: "room" | "recording";
  outputs: Record<string, unknown>;
}

/** All that there is at one moment: at the vendor, and in the state. */
export interface Observation {
  /** By the vendor's name. */
  rooms: Record<string, ObservedRoom>;
  tapes: ObservedTape[];
  /** By resource name. */
  state: Record<string, StoredResource>;
  /**
   * The vendor's names of rooms that a killed run has deleted to recreate them: for the engine they are not there, but
   * what is not declared now is as it was.
   */
  pending: Record<string, string>;
}

/** The owner stack; the Pulumi engine forms URNs otherwise than the engine of the tests. */
export interface Stack {
  project: string;
  stack: string;
  urn(room: string): string;
}

const digits = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** The tag that a room's resource gives it. */
export function tagOf({ project, stack, urn }: Stack, room: string): string {
  return `${digits(`${project}/${stack}`)}-${digits(urn(room))}`;
}

/** The vendor's name of a room's resource: what the state has, else what is declared, else what it was, else its own. */
export function nameOf(
  resource: string,
  { state, pending }: Pick<Observation, "state" | "pending">,
  program: Program,
): string {
  const kept = state[resource]?.outputs["name"];
  if (typeof kept === "string") return kept;
  const declared = program[resource];
  return (declared && "name" in declared ? declared.name : undefined) ?? pending[resource] ?? resource;
}

/** Whether a tag is one of this stack's. */
export function isOurs(owner: string | null, { project, stack }: Stack): boolean {
  return owner?.startsWith(`${digits(`${project}/${stack}`)}-`) === true;
}

/** The resource of the state that has a room. */
export function resourceOf(room: string, { state }: Pick<Observation, "state">): string | undefined {
  const found = Object.entries(state).find(
    ([, { kind, outputs }]) => kind === "room" && outputs["name"] === room,
  );
  return found?.[0];
}

/** Whether a room is not the stack's: the state does not know it and it has no tag of the stack's, or it has another's tag. */
export function isForeign(room: string, observation: Observation, stack: Stack): boolean {
  const owner = observation.rooms[room]?.owner ?? null;
  const resource = resourceOf(room, observation);
  if (resource !== undefined) return owner !== null && owner !== tagOf(stack, resource);
  return !isOurs(owner, stack);
}

/** `EG_…` of `livekit:EG_…`. */
export function bareId(recording: string): string {
  return recording.slice(recording.indexOf(":") + 1);
}

/** The ids of the recordings that a state has, with their vendor. */
export function knownIn(state: Observation["state"]): string[] {
  return Object.values(state).flatMap(({ outputs: { recording } }) =>
    typeof recording === "string" ? [recording] : [],
  );
}

/** The vendor's own id of the recording that the state has for a resource. */
export function tapeIdOf(kept: StoredResource | undefined): string | undefined {
  const id = kept?.outputs["recording"];
  return typeof id === "string" ? bareId(id) : undefined;
}

/** The ids of all recordings that the state has. */
export function tapesIn({ state }: Pick<Observation, "state">): Set<string> {
  return new Set(knownIn(state).map(bareId));
}

export function runs({ status }: Pick<ObservedTape, "status">): boolean {
  return !isEnded(status) && status !== "ending";
}
