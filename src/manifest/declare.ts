import type * as pulumi from "@pulumi/pulumi";
import { RtcRecording } from "../pulumi/recording";
import { RtcRoom } from "../pulumi/room";
import type { Manifest } from "./parse";

/** The stack's outputs: the ids by resource name. */
export interface Outputs {
  rooms: Record<string, pulumi.Output<string>>;
  recordings: Record<string, pulumi.Output<string>>;
}

/** Declares what a manifest holds, in a Pulumi program that runs. */
export function declare({ rooms, recordings }: Manifest): Outputs {
  const made = mapped(rooms, (name, room) => new RtcRoom(name, room));
  const recorded = mapped(
    recordings,
    (name, { room, ...rest }) => new RtcRecording(name, { room: made[room] as RtcRoom, ...rest }),
  );
  return {
    rooms: mapped(made, (_, { room }) => room),
    recordings: mapped(recorded, (_, { recording }) => recording),
  };
}

function mapped<T, U>(from: Record<string, T>, make: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(name, value)]));
}
