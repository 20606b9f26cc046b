import { declaredSettings, type Issue, ownershipTag, parseRoomId, RtcError } from "../../contract";
import {
  assertAllowed,
  errorOf,
  limitsThatDiffer,
  type PreconditionFailure,
  protectedFailure,
  rejection,
  successorFailure,
} from "../decision";
import type { Declaration } from "../declarations";
import { foresee, isForeseen } from "../foresee";
import { capabilityGap, placementGap } from "../gaps";
import {
  type Context,
  endpointMismatch,
  type Lifecycle,
  type Process,
  type Properties,
  type ReadResource,
} from "../lifecycle";
import { clean, hasUnknown } from "../state";
import {
  adoptRoom,
  canCarryTags,
  confirmMove,
  createRoom,
  createStateOnlyRoom,
  DECLARATIONS_MS,
  describeRoom,
  existing,
  placeRoom,
  tagOf,
} from "./act";
import { checkRoom } from "./check";
import {
  changedInputs,
  decideChange,
  decideCreation,
  decideRefresh,
  decideRemoval,
  decideUpdate,
} from "./decide";
import {
  observeForCreation,
  observeForRefresh,
  observeForRemoval,
  observeRoom,
  observeUpdateGap,
  roomTraits,
  traitsOf,
} from "./observe";
import {
  parseRoomInputs,
  parseRoomState,
  type RoomInputs,
  type RoomState,
  redeclaredState,
  roomIdOf,
  roomInputsOf,
  roomKeyOf,
  roomOutputsOf,
  withDrift,
  withoutDrift,
  withPlacement,
} from "./state";

/** The message on the row of a resource that has another name than the one which had the room. */
const MOVED = "moved here from a resource of this stack that no longer declares it, with its room";

/** Rooms: RtcRoom. */
export function roomKind(process: Process): Lifecycle {
  return new RoomLifecycle({ ...process, declarations: process.declarations("room") });
}

/** The lifecycle of an RtcRoom over a client. */
class RoomLifecycle implements Lifecycle {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] } {
    return checkRoom(this.#context, olds, news);
  }

  async foresee(urn: string, inputs: Properties): Promise<void> {
    const { client, config, declarations, report } = this.#context;
    const declaration = declarations.get(urn);
    if (!isForeseen(this.#context, declaration) || hasUnknown(inputs)) return;
    await foresee(this.#context, urn, async () => {
      const declared = parseRoomInputs(inputs);
      const vendor = declared.vendor ?? (await existing(this.#context, declared))?.vendor;
      if (vendor === undefined) return;
      const traits = roomTraits(client, vendor);
      const id = roomIdOf({ ...declared, vendor });
      if (traits.isStateOnly || id === undefined) return;
      const tag = canCarryTags(this.#context, vendor) ? ownershipTag(declaration) : undefined;
      const observation = await observeForCreation(client, id, declared, tag, { shared: true });
      const isForced = declared.forceDestroy === true || config.forceDestroy === true;
      const decision = decideCreation({
        ...{ id, declared, tag, traits, observation, isForced, wasDeleted: false },
      });
      for (const failure of decision.failures) report("warn", rejection(failure), urn);
      if (!observation.canMove || decision.failures.length > 0) return;
      report("info", MOVED, urn);
      if (decision.action === "adopt" && observation.room.is === "known")
        declaration.keepsSid = observation.room.value.sid;
    });
  }

  declaration(id: string, _olds: Properties, news: Properties) {
    const { declarations } = this.#context;
    return declarations.ofId(id) ?? declarations.declaring(roomKeyOf(news) ?? "");
  }

  /**
   * What changes in place and what replaces the room. Rejects the replacement of an occupied room, of another owner's room
   * and a move to a vendor where no room can be created, before any dependent is touched. A preview warns.
   */
  async diff(id: string, olds: Properties, news: Properties) {
    const { client, declarations, report } = this.#context;
    const state = this.#state(id, olds);
    const { changesInPlace } = client.traits(state.vendor);
    const updateGap = await observeUpdateGap(client, state.vendor, changedInputs(state, news));
    const { action, replaces, reasons } = decideChange({ state, declared: news, changesInPlace, updateGap });
    if (action === "update" && declarations.ofId(id)?.dryRun) await this.#foreseeUpdate(id, state, news);
    const declaration = state.routed ? declarations.declaring(roomKeyOf(news) ?? "") : undefined;
    if (declaration) declarations.place(id, declaration, state.vendor, { isManaged: true });
    const declaring = declarations.ofId(id);
    if (declaring && action === "replace") {
      const { urn, dryRun } = declaring;
      if (dryRun) for (const reason of reasons) report("info", reason, urn);
      // A preview too must not call it a replacement, at which the engine ends.
      if (declaring.protect) throw errorOf(protectedFailure("room", id, "replace"));
      const failure = await this.#replacementFailure(id, state, news, replaces);
      if (failure && !dryRun) throw errorOf(failure);
      if (failure) report("warn", rejection(failure), urn);
    }
    // Without `changes` the engine finds the reasons itself, and replaceOnChanges works.
    return { ...(action === "none" ? { changes: false } : {}), replaces, deleteBeforeReplace: true };
  }

  /** Creates the room, or adopts an existing one. */
  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const { declarations } = this.#context;
    const declared = parseRoomInputs(inputs);
    const { vendor } = declared;
    try {
      const { id, outs } =
        vendor === undefined
          ? await placeRoom(this.#context, declared, (at) => this.#createAt(at))
          : await this.#createAt({ ...declared, vendor });
      declarations.addCreated(id);
      return { id, outs: withPlacement(outs, vendor) };
    } catch (error) {
      declarations.addFailed(roomKeyOf(inputs) ?? "");
      throw error;
    }
  }

  /** The live state; null: the room is gone. */
  async read(id: string, props: Properties): Promise<ReadResource | null> {
    if (props["schemaVersion"] === undefined) return this.#get(id);
    const { client, report } = this.#context;
    const stored = this.#state(id, props);
    const traits = roomTraits(client, stored.vendor);
    if (traits.isStateOnly) return { id, props: clean(stored), inputs: roomInputsOf(stored) };
    const state = withoutDrift(stored);
    const observation = await observeForRefresh(client, id, state);
    const {
      action,
      warnings,
      drift = {},
    } = decideRefresh({
      ...{ id, state, observation },
      traits: await traitsOf(client, id, traits, observation.room, state),
    });
    for (const warning of warnings) report("warn", warning);
    if (action === "remove") return null;
    if (action === "keep" || observation.room.is !== "known")
      return { id, props: clean(state), inputs: roomInputsOf(state) };
    const { sid, createdAt } = observation.room.value;
    const live = clean({ ...withDrift(state, drift), sid, createdAt });
    return { id, props: live, inputs: roomInputsOf(live) };
  }

  /** Changes what changes in place, and restores a missing ownership tag. A room that is gone is recreated, unless it is dormant. */
  async update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const state = this.#state(id, olds);
    const { vendor, ...rest } = parseRoomInputs(news);
    const { outs } = await this.#updated(id, state, { ...rest, vendor: vendor ?? state.vendor });
    return { outs: withPlacement(outs, vendor) };
  }

  /** Deletes the room, if it exists. Rejects an occupied one, unless forced, and one of another owner. */
  async delete(id: string, props: Properties): Promise<void> {
    const { client, clock, declarations, report } = this.#context;
    const state = this.#state(id, props);
    // A replacement deletes first: what this run has created belongs to another resource.
    if (declarations.hasCreated(id))
      return report("info", `room ${id} stays: another resource of this stack has it now`);
    // The engine checks some resources of a program while it replaces others.
    if (this.#hasOtherRoom(id, state) && !this.#declaring(id, state)) await clock.sleep(DECLARATIONS_MS);
    const successor = await this.#successor(id, state);
    if (successor !== undefined)
      return report("info", `room ${id} stays: resource ${successor.name} of this stack declares it now`);
    this.#assertNotDeclared(id, state);
    const decision = await this.#removal(id, state);
    assertAllowed(decision);
    for (const reason of decision.reasons) report("info", reason);
    if (decision.action === "forget") return;
    await client.room.delete(id);
    if (!roomTraits(client, state.vendor).isStateOnly) declarations.addDeleted(id);
  }

  /** Reports in a preview that another owner has the room which `up` will change. */
  async #foreseeUpdate(id: string, state: RoomState, news: Properties): Promise<void> {
    const { client, config, declarations, report } = this.#context;
    const urn = declarations.ofId(id)?.urn ?? "";
    const traits = roomTraits(client, state.vendor);
    if (config.offlinePreview || traits.isStateOnly || hasUnknown(news)) return;
    await foresee(this.#context, urn, async () => {
      const observed = await observeRoom(client, id, { shared: true });
      const { failures } = decideUpdate({ id, state, declared: parseRoomInputs(news), observed, traits });
      for (const failure of failures) report("warn", rejection(failure), urn);
    });
  }

  async #createAt(declared: RoomInputs & { vendor: string }): Promise<{ id: string; outs: Properties }> {
    const { client, declarations, report } = this.#context;
    const traits = roomTraits(client, declared.vendor);
    if (traits.isStateOnly) {
      const room = await createStateOnlyRoom(this.#context, declared);
      return { id: room.room, outs: roomOutputsOf(declared, room, {}) };
    }
    const id = roomIdOf({ ...declared }) as string;
    const tag = tagOf(this.#context, id, declared.vendor);
    const observation = await observeForCreation(client, id, declared, tag);
    const decision = decideCreation({
      ...{ id, declared, tag, traits, observation },
      wasDeleted: declarations.hasDeleted(id),
      isForced: declared.forceDestroy === true || this.#context.config.forceDestroy === true,
    });
    assertAllowed(decision);
    // A gateway has placed one that is found by its id only.
    const urn = (declarations.declaring(id) ?? declarations.ofId(id))?.urn;
    if (observation.canMove) {
      await confirmMove(this.#context, id);
      report("info", MOVED, urn);
    }
    for (const warning of decision.warnings) report("warn", warning, urn);
    if (decision.adoption) {
      const { room, vendorSettings } = await adoptRoom(this.#context, declared, tag, decision.adoption);
      return { id, outs: roomOutputsOf(declared, room, vendorSettings) };
    }
    if (decision.action === "recreate") await client.room.delete(id);
    return { id, outs: roomOutputsOf(declared, await createRoom(this.#context, declared, tag)) };
  }

  async #updated(id: string, state: RoomState, declared: RoomInputs & { vendor: string }) {
    const { client } = this.#context;
    const traits = roomTraits(client, state.vendor);
    if (traits.isStateOnly) return { outs: redeclaredState(state, declared) };
    const ownTag = canCarryTags(this.#context, state.vendor) ? state.owner : undefined;
    const tag = ownTag ?? tagOf(this.#context, id, state.vendor);
    const observed = await observeRoom(client, id);
    const decision = decideUpdate({
      ...{ id, state, declared, observed },
      traits: await traitsOf(client, id, traits, observed, declared),
    });
    assertAllowed(decision);
    if (decision.action === "create")
      return { outs: roomOutputsOf(declared, await createRoom(this.#context, declared, tag)) };
    if (decision.action === "redeclare" || observed.is !== "known") {
      const { drifted, ...asDeclared } = withoutDrift(state);
      return { outs: redeclaredState(asDeclared, declared) };
    }
    const { metadata = null, rewrites } = decision;
    const described = await describeRoom(this.#context, observed.value, metadata, tag);
    const changed = rewrites
      ? await createRoom(this.#context, { ...declared, metadata: described.metadata ?? undefined }, tag)
      : described;
    // Live limits that are as declared are no longer drift.
    const agrees = limitsThatDiffer(declared, changed).length === 0;
    return { outs: roomOutputsOf(declared, changed, agrees ? undefined : state.vendorSettings) };
  }

  /** A room that is not managed here. */
  async #get(id: string): Promise<ReadResource> {
    const { client } = this.#context;
    const ref = parseRoomId(id, client.vendors());
    // A gateway has every room, including those that are state-only without one.
    if (client.gateway === undefined && ref && roomTraits(client, ref.vendor).isStateOnly) {
      const declared = { ...ref, region: ref.region ?? undefined };
      const room = await createStateOnlyRoom(this.#context, declared);
      return { id, props: roomOutputsOf(declared, room, {}), inputs: clean(declared) };
    }
    const room = await client.room.find(id);
    if (!room) throw new RtcError("NOT_FOUND", `there is no room ${id}`);
    const { name, vendor } = room;
    const declared = clean({
      name,
      vendor,
      region: room.region,
      ...declaredSettings(room),
    });
    return { id: room.room, props: roomOutputsOf({ ...declared, name, vendor }, room), inputs: declared };
  }

  /** Why the room of a state must not be replaced now. */
  async #replacementFailure(
    id: string,
    state: RoomState,
    declared: Properties,
    replaces: readonly string[],
  ): Promise<PreconditionFailure | undefined> {
    const { client } = this.#context;
    const moves = replaces.includes("vendor");
    const gap = moves ? await placementGap(client, String(declared["vendor"])) : undefined;
    if (gap !== undefined || (await this.#successor(id, state)) !== undefined) return gap;
    return (await this.#removal(id, state)).failures[0];
  }

  /**
   * The resource that declares the room of another one, which has another room now, and adopts it: by its ownership tag, which
   * can be changed.
   */
  async #successor(id: string, state: RoomState): Promise<Declaration | undefined> {
    const { client, declarations } = this.#context;
    const successor = this.#declaring(id, state);
    const isOther = successor !== undefined && this.#hasOtherRoom(id, state) && !declarations.hasFailed(id);
    if (!isOther || state.owner === undefined || !canCarryTags(this.#context, state.vendor)) return undefined;
    return (await capabilityGap(client, "rtc.room.update", state.vendor)) === undefined
      ? successor
      : undefined;
  }

  /** The resource that declares the room of a state, also where a gateway has placed it. */
  #declaring(id: string, state: RoomState): Declaration | undefined {
    const { declarations } = this.#context;
    return (
      declarations.declaring(id) ?? (state.routed ? declarations.declaring(placedKey(state)) : undefined)
    );
  }

  /** Whether the resource that has a room in state declares another one. */
  #hasOtherRoom(id: string, state: RoomState): boolean {
    const declares = this.#context.declarations.managing(id)?.declares;
    return declares !== undefined && declares !== id && declares !== placedKey(state);
  }

  /** Rejects the delete of a room that a renamed resource declares, which has failed or was skipped. */
  #assertNotDeclared(id: string, state: RoomState): void {
    const { declarations } = this.#context;
    const key = placedKey(state);
    const successor = declarations.successor(id, key);
    const isRenamed =
      successor !== undefined &&
      declarations.managing(id) === undefined &&
      state.owner !== undefined &&
      state.owner !== ownershipTag(successor);
    if (isRenamed || declarations.hasFailed(id) || declarations.hasFailed(key))
      throw errorOf(successorFailure(id, successor?.name ?? "another resource"));
  }

  async #removal(id: string, state: RoomState) {
    const { client, config, declarations } = this.#context;
    // The declaration takes precedence over the state; in a destroy nothing is declared.
    const { forceDestroy } = declarations.ofId(id) ?? state;
    const isForced = forceDestroy === true || config.forceDestroy === true;
    const traits = roomTraits(client, state.vendor);
    const observation = await observeForRemoval(client, id, state, isForced);
    return decideRemoval({ id, state, observation, traits, isForced });
  }

  /** The state, if it belongs to the configured endpoint. */
  #state(id: string, props: Properties): RoomState {
    const state = parseRoomState(id, props);
    const mismatch = endpointMismatch(id, state.endpoint, this.#context.client.endpoint(id));
    if (mismatch) throw errorOf(mismatch);
    return state;
  }
}

/** The key of a room that a gateway has placed: what its resource declares. */
function placedKey(state: RoomState): string {
  return roomKeyOf({ ...state, vendor: undefined }) ?? "";
}
