import { parseRoomId, RtcError } from "../../contract";
import type { ReadRoom, RoomContext, RoomsOfAKind } from "./context";
import {
  clean,
  inputsOf,
  outputsOf,
  type Properties,
  type RoomInputs,
  type RoomState,
  redeclared,
} from "./state";

/**
 * Declared rooms at a vendor that keeps none: records, which only state knows. The room itself comes into being when
 * somebody joins and ends with the last, which is no drift.
 */
export class RoomRecords implements RoomsOfAKind {
  readonly #client: RoomContext["client"];
  readonly #config: RoomContext["config"];
  readonly #memory: RoomContext["memory"];

  constructor({ client, config, memory }: RoomContext) {
    this.#client = client;
    this.#config = config;
    this.#memory = memory;
  }

  /** Makes the record, without a call that could fail. */
  async create(declared: RoomInputs): Promise<{ id: string; outs: Properties }> {
    const { adopt, forceDestroy, ...input } = declared;
    const record = await this.#client.room.create(input, {});
    return { id: record.room, outs: outputsOf(declared, record, {}) };
  }

  /** As it was: nothing at the vendor could tell more. */
  async read(id: string, state: RoomState): Promise<ReadRoom> {
    return { id, props: clean(state), inputs: inputsOf(state) };
  }

  async update(_id: string, state: RoomState, declared: RoomInputs): Promise<{ outs: Properties }> {
    return { outs: redeclared(state, declared) };
  }

  /** Drops the record, and the room closes when it is empty; forced, it is closed now. */
  async delete(id: string, state: RoomState): Promise<void> {
    if (!this.#isForced(id, state)) return;
    const refusal = await this.refusal(id, state);
    if (refusal) throw refusal;
    await this.#client.room.delete(id);
  }

  /** Why a room cannot be closed by force: keys are missing. People in it are no reason. */
  async refusal(id: string, state: RoomState): Promise<RtcError | undefined> {
    if (!this.#isForced(id, state)) return undefined;
    const problem = cannotClose(this.#client, state);
    return problem === undefined
      ? undefined
      : new RtcError("NOT_CONFIGURED", problem, { vendor: state.vendor });
  }

  /** A room that is not managed here: it is there as soon as somebody joins. */
  async get(id: string): Promise<ReadRoom> {
    const ref = parseRoomId(id, this.#client.vendors());
    if (!ref) throw new RtcError("INVALID_ARGUMENT", `${id} is no room id`);
    const declared = { ...ref, region: ref.region ?? undefined };
    const { outs } = await this.create(declared);
    return { id, props: outs, inputs: clean(declared) };
  }

  /** What is declared now goes before what the state remembers; in a destroy nothing is declared. */
  #isForced(id: string, state: RoomState): boolean {
    const { forceDestroy } = this.#memory.owning(id) ?? state;
    return forceDestroy === true || this.#config.forceDestroy === true;
  }
}

/** Which keys are missing to close rooms of a vendor with everybody in them; undefined where none are, or it cannot. */
export function cannotClose(
  client: RoomContext["client"],
  { vendor, region }: { vendor: string; region?: string | undefined },
): string | undefined {
  // To close a room is to remove everybody from it.
  const request = { needs: ["rtc.room.delete", "rtc.participant.kick"], vendor, region } as const;
  const found = client.explainRoute(request).candidates.find((candidate) => candidate.vendor === vendor);
  return found?.code === "NOT_CONFIGURED" ? unclosable(vendor, found.reason) : undefined;
}

/** The same of the gateway that keeps such rooms. */
export async function gatewayCannotClose(
  client: RoomContext["client"],
  vendor: string,
): Promise<string | undefined> {
  const { vendors } = await client.discover("rtc.participant.kick");
  const own = vendors.find((one) => one.vendor === vendor);
  return own?.available === false ? unclosable(vendor, own.reason) : undefined;
}

function unclosable(vendor: string, reason = "the keys for that are missing"): string {
  return `${vendor}: forceDestroy closes the room with everybody in it, but ${reason}. Without forceDestroy the room closes when it is empty`;
}
