import * as pulumi from "@pulumi/pulumi";
import { DECLARED_SETTINGS } from "../contract/settings";
import type { RoomOutputs, RoomResourceInput } from "../contract/types";
import { hiddenInput } from "./hidden";
import { containFailure, type Inputs, knownIfAbsent, orWhenAbsent, resourceWith } from "./resource";
import { assertLoadable, shim } from "./shim";

const TYPE = "pulumi-nodejs:dynamic/rtc:RtcRoom";

/** Inputs of {@link RtcRoom}. */
export type RtcRoomArgs = Inputs<RoomResourceInput>;

/** What not every vendor reports. */
const REPORTED = ["owner", "sid", "createdAt"] as const;

/** The outputs of a room; null is what is not reported. */
type Outputs = Omit<RoomOutputs, (typeof REPORTED)[number]> &
  Record<(typeof REPORTED)[number], string | null>;

/**
 * A declared room at a vendor: created, repaired where it drifts, and deleted with the stack.
 * https://docs.livekit.io/home/server/managing-rooms/
 *
 * A room that exists already is rejected (ALREADY_EXISTS) unless it carries this resource's ownership tag or `adopt` is
 * set. A room with participants in it is not replaced or deleted (ROOM_OCCUPIED) unless forced. With another server
 * configured than the one in the state, nothing is done (ENDPOINT_MISMATCH).
 *
 * At Agora and ZEGO, where rooms are on demand, it is a state-only resource: created, changed and removed without a call,
 * and all but `name`, `vendor` and `region` changes in place. The room exists while participants are in it.
 *
 * @example
 * const room = new RtcRoom("standup", { maxParticipants: 12, metadata: { team: "core" } });
 * export const id = room.room; // "livekit:standup"
 */
export class RtcRoom extends resourceWith<Outputs>() {
  constructor(name: string, args: RtcRoomArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    assertLoadable();
    const hidden = hiddenInput(TYPE, name, options);
    // An output that is no input must be named here, or it does not appear on the object.
    const outputs = Object.fromEntries(OUTPUTS.map((key) => [key, undefined]));
    // A replacement that is forced from outside would else adopt the living room and then delete it.
    const fixed = pulumi.mergeOptions(options, { deleteBeforeReplace: true });
    super(TYPE, name, { ...outputs, ...args, __provider: shim("room"), __rtc: hidden }, fixed);
    containFailure(this, hidden.urn);
    for (const key of OPTIONAL) {
      Object.assign(this, { [key]: knownIfAbsent<unknown>(this[key], args[key], options.id) });
    }
    for (const key of REPORTED) Object.assign(this, { [key]: orWhenAbsent(this[key], this.room, null) });
  }

  /**
   * A room that exists and is not managed here.
   *
   * @param id the room id, e.g. `livekit:standup`
   * @throws NOT_FOUND
   * @example RtcRoom.get("standup", "livekit:standup")
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options: pulumi.CustomResourceOptions = {}): RtcRoom {
    return new RtcRoom(name, {}, { ...options, id });
  }

  /** True for an RtcRoom of any copy of this package. */
  static isInstance(object: unknown): object is RtcRoom {
    return (
      pulumi.CustomResource.isInstance(object) && "__pulumiType" in object && object.__pulumiType === TYPE
    );
  }
}

/** The inputs that have no value where they are left out. */
const OPTIONAL = [
  ...(["region", ...DECLARED_SETTINGS] as const),
  ...(["enableRecording", "adopt", "forceDestroy"] as const),
];

const OUTPUTS = [
  ...(["room", "name", "vendor", ...OPTIONAL] as const),
  ...REPORTED,
  ...(["endpoint", "vendorSettings", "schemaVersion"] as const),
] satisfies (keyof RoomOutputs)[];
