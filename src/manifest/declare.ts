import type * as pulumi from "@pulumi/pulumi";
import { RtcRecording } from "../pulumi/recording";
import { RtcRoom } from "../pulumi/room";
import type { Manifest } from "./manifest";

/** The stack's outputs: ids by resource name. */
export interface Outputs {
  rooms: Record<string, pulumi.Output<string>>;
  recordings: Record<string, pulumi.Output<string>>;
}

/** Declares the resources of a manifest, in a running Pulumi program. */
export function declare({ rooms, recordings }: Manifest): Outputs {
  const declared = mapValues(
    rooms,
    (name, { protect, ...room }) => new RtcRoom(name, room, options(protect)),
  );
  const recorded = mapValues(recordings, (name, { room, protect, ...rest }) => {
    return new RtcRecording(name, { room: declared[room] as RtcRoom, ...rest }, options(protect));
  });
  return {
    rooms: mapValues(declared, (_, { room }) => room),
    recordings: mapValues(recorded, (_, { recording }) => recording),
  };
}

function options(protect: boolean | undefined): pulumi.CustomResourceOptions {
  return protect === undefined ? {} : { protect };
}

function mapValues<T, U>(from: Record<string, T>, map: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(name, value)]));
}
