import * as pulumi from "@pulumi/pulumi";
import type { RecordedFile, RecordingOutputs, RecordingResourceInput } from "../contract/types";
import { ROOM_FAILED } from "../reconcile/declarations";
import { hiddenInput } from "./hidden";
import {
  containFailure,
  evenIfUnknown,
  type Inputs,
  orWhenAbsent,
  resourceWith,
  withoutDependencies,
} from "./resource";
import { RtcRoom } from "./room";
import { assertLoadable, shim } from "./shim";

const TYPE = "pulumi-nodejs:dynamic/rtc:RtcRecording";

/** Inputs of {@link RtcRecording}. */
export type RtcRecordingArgs = Inputs<Omit<RecordingResourceInput, "room" | "roomSid">> & {
  /**
   * The room: a resource, so that it is created before, and its recording again with it; or the id or name of a room
   * that is not managed here. A change replaces the recording.
   */
  room: RtcRoom | pulumi.Input<string>;
};

/** What is not reported has a value nevertheless: an output that is exported must not be undefined. */
const EMPTY = {
  ...{ startedAt: null, endedAt: null, durationSeconds: null, error: null },
  ...{ files: [] as RecordedFile[], unverified: false },
};

/** The outputs of a recording; null is what is not reported. */
type Outputs = Omit<RecordingOutputs, keyof typeof EMPTY> & {
  [Key in keyof typeof EMPTY]: NonNullable<RecordingOutputs[Key]> | (typeof EMPTY)[Key];
};

/**
 * A recording of a room, declared: LiveKit's room composite egress. https://docs.livekit.io/home/egress/room-composite/
 *
 * It is created when the vendor has accepted it, and `starting` until a participant publishes. It ends with its room, not
 * with its participants. An ended recording is no drift; a room that is recreated gets its recording again. Deleting it
 * stops it and waits up to 10 minutes for its file; while participants are in the room that is rejected
 * (ROOM_OCCUPIED) unless forced.
 *
 * @example
 * const room = new RtcRoom("standup");
 * const recording = new RtcRecording("standup", { room, audioOnly: true, outputUri: "s3://acme/standup/" });
 */
export class RtcRecording extends resourceWith<Outputs>() {
  constructor(name: string, args: RtcRecordingArgs, options: pulumi.CustomResourceOptions = {}) {
    assertLoadable();
    const { room, ...rest } = args;
    const isResource = RtcRoom.isInstance(room);
    const inputs = isResource
      ? {
          room: unlessFailed(room.id),
          roomSid: room.sid.apply((sid) => sid ?? undefined),
          vendor: withoutDependencies(room.vendor),
          ...rest,
        }
      : { ...args, room: unlessFailed(pulumi.output(room)) };
    const hidden = {
      ...hiddenInput(TYPE, name, options),
      ...(isResource ? { roomUrn: withoutDependencies(room.urn) } : {}),
    };
    // An output that is no input must be named here, or it does not appear on the object.
    const outputs = Object.fromEntries(OUTPUTS.map((key) => [key, undefined]));
    // Two of them at once would record the same room twice.
    const fixed = pulumi.mergeOptions(options, { deleteBeforeReplace: true });
    super(TYPE, name, { ...outputs, ...inputs, __provider: shim("recording"), __rtc: hidden }, fixed);
    containFailure(this, hidden.urn);
    for (const [key, empty] of Object.entries(EMPTY) as [keyof typeof EMPTY, unknown][]) {
      Object.assign(this, { [key]: orWhenAbsent<unknown, unknown>(this[key], this.recording, empty) });
    }
  }
}

const OUTPUTS = [
  ...(["room", "roomSid", "layout", "audioOnly", "outputUri", "metadata"] as const),
  ...(["restartPolicy", "vendor", "forceDestroy", "recording", "status", "startedAt", "endedAt"] as const),
  ...(["durationSeconds", "files", "error", "unverified", "endpoint", "schemaVersion"] as const),
] satisfies (keyof RecordingOutputs)[];

/** A room's id, which is unknown in an up only where the room has failed: check would miss it. */
function unlessFailed(id: pulumi.Output<string>): pulumi.Output<string> {
  return evenIfUnknown(id, (value) =>
    pulumi.isUnknown(value) && !pulumi.runtime.isDryRun() ? ROOM_FAILED : value,
  );
}
