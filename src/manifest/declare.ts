import type * as pulumi from "@pulumi/pulumi";
import { RtcRecording } from "../pulumi/recording";
import { RtcRoom } from "../pulumi/room";
import type { Manifest } from "./manifest";

/** The stack's outputs: the ids by resource name. */
export interface Outputs {
  rooms: Record<string, pulumi.Output<string>>;
  recordings: Record<string, pulumi.Output<string>>;
}

/** Declares what a manifest holds, in a Pulumi program that runs. */
export function declare({ rooms, recordings }: Manifest): Outputs {
  const made = mapped(rooms, (name, { protect, ...room }) => new RtcRoom(name, room, options(protect)));
  const recorded = mapped(recordings, (name, { room, protect, ...rest }) => {
    return new RtcRecording(name, { room: made[room] as RtcRoom, ...rest }, options(protect));
  });
  return {
    rooms: mapped(made, (_, { room }) => room),
    recordings: mapped(recorded, (_, { recording }) => recording),
  };
}

function options(protect: boolean | undefined): pulumi.CustomResourceOptions {
  return protect === undefined ? {} : { protect };
}

function mapped<T, U>(from: Record<string, T>, make: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(name, value)]));
}
