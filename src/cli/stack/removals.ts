import { findRooms } from "../../client/bulk-rooms";
import type { RtcClient } from "../../client/types";
import { type Room, RtcError } from "../../contract";
import { type PreconditionFailure, protectedFailure, rejection } from "../../reconcile/decision";
import { endpointMismatch } from "../../reconcile/lifecycle";
import { decideRemoval } from "../../reconcile/room/decide";
import { observationOf, roomTraits } from "../../reconcile/room/observe";
import { parseRoomState } from "../../reconcile/room/state";
import { EXIT, Failure } from "../exit-codes";
import type { Engine } from "./engine";
import type { Step } from "./engine-events";
import { type Managed, withoutSecrets } from "./stack-state";

/** The live rooms among managed ones, as far as the vendors can list them. */
export async function liveRooms(client: RtcClient, managed: readonly Managed[]): Promise<Room[]> {
  const rooms = managed.filter(({ kind }) => kind === "room").map(({ id }) => id);
  if (rooms.length === 0) return [];
  const { found, failed } = await findRooms(client, rooms);
  // A vendor that cannot count, or another server than the state's, is handled by the provider.
  const wrong = failed.find(({ error }) => error.code === "UNAUTHENTICATED" || error.retryable);
  if (wrong) throw wrong.error;
  return found.sort((a, b) => (a.room < b.room ? -1 : 1));
}

/** Why the delete of a live room would be rejected, by the decision that the provider takes too. */
export function removalFailure(
  engine: Pick<Engine, "isForced">,
  client: RtcClient,
  managed: readonly Managed[],
  live: Room,
): PreconditionFailure | undefined {
  const one = managed.find(({ kind, id }) => kind === "room" && id === live.room);
  if (one === undefined) return undefined;
  const state = parseRoomState(one.resourceId, withoutSecrets(one.outputs));
  const decision = decideRemoval({
    ...{ id: live.room, state, traits: roomTraits(client, state.vendor) },
    observation: { room: observationOf(client, live), closeGap: undefined },
    isForced: state.forceDestroy === true || engine.isForced(),
  });
  return decision.failures[0];
}

/** Resources that a run must leave alone, and why, by their URN. */
export type Blocked = Map<string, { resource: Managed; failure: PreconditionFailure }>;

/** Rooms that a run would delete, and why it must not, by their URN. None where they cannot be observed now. */
export async function blockedRemovals(
  engine: Pick<Engine, "isForced" | "client">,
  leaving: readonly Managed[],
): Promise<Blocked> {
  const blocked: Blocked = new Map();
  if (leaving.length === 0) return blocked;
  const client = engine.client();
  // What cannot be observed is the provider's to report, for each resource alone.
  const found = await liveRooms(client, leaving).catch((error: unknown) => {
    if (RtcError.isInstance(error)) return [];
    throw error;
  });
  for (const live of found) {
    const failure = removalFailure(engine, client, leaving, live);
    const resource = leaving.find(({ kind, id }) => kind === "room" && id === live.room);
    if (failure && resource) blocked.set(resource.urn, { resource, failure });
  }
  return blocked;
}

/** Resources that a run would delete although they, or the recording of a room, are protected, by their URN. */
export function protectedRemovals(leaving: readonly Managed[]): Blocked {
  const blocked: Blocked = new Map();
  for (const resource of leaving) {
    const isKeeping = (one: Managed) =>
      one === resource ||
      (resource.kind === "room" && one.kind === "recording" && one.outputs["room"] === resource.id);
    const kept = leaving.find((one) => one.isProtected && isKeeping(one));
    if (kept)
      blocked.set(resource.urn, { resource, failure: protectedFailure(kept.kind, kept.id, "delete") });
  }
  return blocked;
}

/**
 * Resources of another server than the configured one, and why a refresh must not read them here, by their URN: for a
 * failed read the engine would end the whole run.
 */
export function ofOtherServers(engine: Pick<Engine, "client">, managed: readonly Managed[]): Blocked {
  const blocked: Blocked = new Map();
  const client = managed.length === 0 ? undefined : engine.client();
  for (const one of managed) {
    const { endpoint, room } = one.outputs;
    if (client === undefined || typeof endpoint !== "string" || typeof room !== "string") continue;
    const failure = endpointMismatch(one.resourceId, endpoint, client.endpoint(room));
    if (failure) blocked.set(one.urn, { resource: one, failure });
  }
  return blocked;
}

/** The steps of a preview, with what `up` will meet with the rooms that it would delete. */
export async function withRejectedDeletes(
  engine: Pick<Engine, "isForced" | "client">,
  managed: readonly Managed[],
  steps: readonly Step[],
): Promise<Step[]> {
  const deleted = new Set(steps.filter(({ op }) => op === "delete").map(({ urn }) => urn));
  const leaving = managed.filter(({ kind, urn }) => kind === "room" && deleted.has(urn));
  const blocked = await blockedRemovals(engine, leaving);
  return steps.map((step) => {
    const failure = blocked.get(step.urn)?.failure;
    return failure ? { ...step, messages: [...step.messages, rejection(failure)] } : step;
  });
}

/** The size from which a stack has a default limit of deletes. */
const GUARDED_FROM = 10;
/** The default limit as a share of its resources. */
const SHARE = 0.3;
const NAMED = 10;

/** The limit of deletes. */
export interface DeletesAllowed {
  /** The limit, in a stack of any size. */
  maxDeletes?: number | undefined;
  /** No limit. */
  force?: boolean | undefined;
}

/** The limit of deletes of a stack; undefined: none. */
export function mostDeletes(resources: number, { maxDeletes, force }: DeletesAllowed): number | undefined {
  if (force) return undefined;
  if (maxDeletes !== undefined) return maxDeletes;
  return resources < GUARDED_FROM ? undefined : Math.floor(resources * SHARE);
}

/**
 * Rejects a preview with more deletes than the limit.
 *
 * @throws TOO_MANY_DELETES with the names, and how to allow it
 */
export function guardDeletes(steps: readonly Step[], resources: number, most: number | undefined): void {
  const message = tooManyDeletes(steps, resources, most);
  if (message !== undefined)
    throw new Failure("TOO_MANY_DELETES", `${message}. Nothing was touched`, EXIT.usage);
}

/** Why a preview with more deletes than the limit is rejected. */
export function tooManyDeletes(
  steps: readonly Step[],
  resources: number,
  most: number | undefined,
): string | undefined {
  const deleted = steps.filter(({ op }) => op === "delete").map(({ kind, name }) => `${kind} ${name}`);
  if (most === undefined || deleted.length <= most) return undefined;
  const more = deleted.length - NAMED;
  const names = deleted.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return `this would delete ${deleted.length} of the stack's ${resources} rooms and recordings, and the limit is ${most}: ${names}. To delete them, add --max-deletes ${deleted.length}, or --force`;
}
