import * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../contract/json";
import type { RoomResourceInput } from "../contract/types";
import { knownIfAbsent } from "./absent";
import { hiddenInput } from "./hidden";
import type { Inputs } from "./inputs";
import { shim } from "./shim";

const TYPE = "pulumi-nodejs:dynamic/rtc:RtcRoom";

/** Inputs of {@link RtcRoom}. */
export type RtcRoomArgs = Inputs<RoomResourceInput>;

/**
 * A room at a vendor, declared: made, kept as declared, and deleted with the stack.
 * https://docs.livekit.io/home/server/managing-rooms/
 *
 * A room that exists already is refused (ALREADY_EXISTS) unless it carries this resource's own ownership tag or
 * `adopt` is set. A room with people in it is not replaced or deleted (ROOM_OCCUPIED) unless forced. With another
 * server configured than the one that state remembers, nothing is done (ENDPOINT_MISMATCH).
 *
 * At Agora and ZEGO, which keep no rooms, it is a record that only state knows: made, changed and dropped without a
 * call, and all but `name`, `vendor` and `region` changes in place. The room is there while people are in it.
 *
 * @example
 * const room = new RtcRoom("standup", { maxParticipants: 12, metadata: { team: "core" } });
 * export const id = room.room; // "livekit:standup"
 */
export class RtcRoom extends pulumi.CustomResource {
  /** The room id, also the Pulumi id: `livekit:standup`. */
  declare readonly room: pulumi.Output<string>;
  /** The room's name at the vendor. */
  declare readonly name: pulumi.Output<string>;
  /** The vendor that the room is at. */
  declare readonly vendor: pulumi.Output<string>;
  declare readonly region: pulumi.Output<string | undefined>;
  declare readonly maxParticipants: pulumi.Output<number | undefined>;
  declare readonly emptyTimeoutSeconds: pulumi.Output<number | undefined>;
  declare readonly metadata: pulumi.Output<JsonObject | undefined>;
  declare readonly enableRecording: pulumi.Output<boolean | undefined>;
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  /** The normalised address of the vendor's deployment, the id of the app, or the address of the gateway. */
  declare readonly endpoint: pulumi.Output<string>;
  /** The ownership tag that the room carries, if it carries one. */
  declare readonly owner: pulumi.Output<string | undefined>;
  /** The vendor's own id of this generation of the room. */
  declare readonly sid: pulumi.Output<string | undefined>;
  /** When this generation was made: RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string | undefined>;
  /** What the vendor answered when the room was made: a server may cap or fill in what was asked. */
  declare readonly vendorSettings: pulumi.Output<{
    maxParticipants?: number;
    emptyTimeoutSeconds?: number;
    departureTimeoutSeconds?: number;
  }>;
  /** The version of the outputs' shape. */
  declare readonly schemaVersion: pulumi.Output<number>;

  constructor(name: string, args: RtcRoomArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    const hidden = hiddenInput(TYPE, name, options.parent);
    // An output that is no input must be named here, or it does not appear on the object.
    const outputs = Object.fromEntries(OUTPUTS.map((key) => [key, undefined]));
    // A replacement that is forced from outside would else adopt the living room and then delete it.
    const fixed = pulumi.mergeOptions(options, { deleteBeforeReplace: true });
    super(TYPE, name, { ...outputs, ...args, __provider: shim("room"), __rtc: hidden }, fixed);
    for (const key of OPTIONAL) {
      Object.assign(this, { [key]: knownIfAbsent<unknown>(this[key], args[key], options.id) });
    }
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
  static override isInstance(object: unknown): object is RtcRoom {
    return (
      pulumi.CustomResource.isInstance(object) && "__pulumiType" in object && object.__pulumiType === TYPE
    );
  }
}

/** The inputs that have no value where they are left out. */
const OPTIONAL = [
  ...(["region", "maxParticipants", "emptyTimeoutSeconds", "metadata"] as const),
  ...(["enableRecording", "adopt", "forceDestroy"] as const),
];

const OUTPUTS = [
  ...["room", "name", "vendor", ...OPTIONAL],
  ...["endpoint", "owner", "sid", "createdAt", "vendorSettings", "schemaVersion"],
];
