import { isKept } from "../../client/kept";
import { type Issue, parseRoomId, same } from "../../contract";
import { type ReadRoom, type RoomContext, type RoomsOfAKind, sameEndpoint } from "./context";
import { lacking, notServed } from "./gateway";
import { checkRoom } from "./room-check";
import { KeptRooms } from "./room-kept";
import { RoomRecords } from "./room-record";
import { RoutedRooms } from "./room-routed";
import { asRouted, INPUTS, keyOf, type Properties, parseInputs, parseState, type RoomState } from "./state";

/** The lifecycle of an RtcRoom over a client: what the engine's calls mean, without the engine. */
export class RoomLifecycle {
  readonly #context: RoomContext;
  readonly #kept: KeptRooms;
  readonly #records: RoomRecords;
  readonly #routed: RoutedRooms;

  constructor(context: RoomContext) {
    this.#context = context;
    this.#kept = new KeptRooms(context);
    this.#records = new RoomRecords(context);
    this.#routed = new RoutedRooms(context, (vendor) => this.#of(vendor));
  }

  /** All problems at once, without the network; the vendor and the name resolved into the inputs. */
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] } {
    return checkRoom(this.#context, olds, news);
  }

  /**
   * What changes in place and what makes a new room. The replacement of an occupied or foreign room is refused
   * here, as is a move to where no room can be made, before anything that depends on the room is touched; a preview warns.
   */
  async diff(id: string, olds: Properties, news: Properties) {
    const { memory, say } = this.#context;
    const state = this.#state(id, olds);
    const changed = INPUTS.filter((key) => !same(state[key], news[key])).filter(
      // A vendor that is left to a gateway is where its answer has put the room.
      (key) => key !== "vendor" || news[key] !== undefined,
    );
    const { inPlace, why } = await this.#inPlace(state, changed);
    // false and left out make the same room.
    const replaces = changed.filter((key) => !inPlace.has(key) && (state[key] || news[key]));
    const declaration = state.routed ? memory.declaring(keyOf(news) ?? "") : undefined;
    if (declaration) memory.own(id, declaration, state.vendor);
    const checked = memory.owning(id);
    if (checked && replaces.length > 0) {
      const { urn, dryRun } = checked;
      if (dryRun) say("info", replacement(state, news, replaces, why), urn);
      const moves = replaces.includes("vendor");
      const nowhere = moves ? await notServed(this.#context.client, String(news["vendor"])) : undefined;
      const refusal = nowhere ?? (await this.#of(state.vendor).refusal(id, state));
      if (refusal && !dryRun) throw refusal;
      if (refusal) say("warn", `up will refuse this: ${refusal.message}`, urn);
    }
    // Without `changes` the engine finds the reasons itself, and replaceOnChanges works.
    const pinned = state.routed === true && news["vendor"] !== undefined;
    return {
      ...(changed.length === 0 && !pinned ? { changes: false } : {}),
      replaces,
      deleteBeforeReplace: true,
    };
  }

  /** Makes the room, or takes over the one that is this resource's own, or that it may adopt. */
  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const declared = parseInputs(inputs);
    const { vendor } = declared;
    const rooms = vendor === undefined ? this.#routed : this.#of(vendor);
    const { id, outs } = await rooms.create(declared);
    return { id, outs: asRouted(outs, vendor) };
  }

  /** The state as the vendor has it; null: gone. */
  async read(id: string, props: Properties): Promise<ReadRoom | null> {
    if (props["schemaVersion"] === undefined) {
      const { client } = this.#context;
      // A gateway knows of every room, also of those that are records.
      const ref = client.gateway === undefined ? parseRoomId(id, client.vendors()) : null;
      return (ref ? this.#of(ref.vendor) : this.#kept).get(id);
    }
    const state = this.#state(id, props);
    return this.#of(state.vendor).read(id, state);
  }

  /** Changes what changes in place. */
  async update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const state = this.#state(id, olds);
    const { vendor, ...declared } = parseInputs(news);
    const at = { ...declared, vendor: vendor ?? state.vendor };
    const { outs } = await this.#of(state.vendor).update(id, state, at);
    return { outs: asRouted(outs, vendor) };
  }

  /** Deletes the room; one that is gone is fine. */
  async delete(id: string, props: Properties): Promise<void> {
    const state = this.#state(id, props);
    await this.#of(state.vendor).delete(id, state);
  }

  /** What of a change a room takes in place, and why not more: not every gateway can change a room. */
  async #inPlace(
    { vendor }: RoomState,
    changed: readonly string[],
  ): Promise<{ inPlace: ReadonlySet<string>; why?: string | undefined }> {
    const { changesInPlace } = this.#context.client.traits(vendor);
    const flags = ["adopt", "forceDestroy"];
    const settings = changesInPlace.filter((key) => !flags.includes(key));
    if (!settings.some((key) => changed.includes(key))) return { inPlace: new Set(flags) };
    const why = await lacking(this.#context.client, "rtc.room.update", vendor);
    return { inPlace: new Set(why === undefined ? [...settings, ...flags] : flags), why };
  }

  #of(vendor: string): RoomsOfAKind {
    return isKept(this.#context.client, vendor) ? this.#kept : this.#records;
  }

  /** The state, if it belongs to the configured endpoint. */
  #state(id: string, props: Properties): RoomState {
    const state = parseState(id, props);
    sameEndpoint(id, state.endpoint, this.#context.client.endpoint(id));
    return state;
  }
}

/** Why a room is made anew, for a preview. */
function replacement(
  { vendor }: RoomState,
  news: Properties,
  replaces: string[],
  why: string | undefined,
): string {
  if (replaces.includes("vendor"))
    return `the room moves from ${vendor} to ${String(news["vendor"])}: it is deleted there, and made anew here`;
  const because = why === undefined ? "" : ` (${why})`;
  return `${vendor} cannot change ${replaces.join(", ")} of a room in place${because}: it is deleted and made again`;
}
