import type * as pulumi from "@pulumi/pulumi";
import { RtcRecording } from "../pulumi/recording";
import { RtcRoom } from "../pulumi/room";
import type { Outputs } from "./outputs";
import type { Manifest } from "./schema";

/** Earlier names of resources, by their names now. */
export interface EarlierNames {
  rooms: Readonly<Record<string, string>>;
  recordings: Readonly<Record<string, string>>;
}

/**
 * Declares the resources of a manifest, in a running Pulumi program.
 *
 * @param earlier the names in the state of resources that have another name now: they move
 */
export function declare(
  { rooms, recordings }: Manifest,
  earlier: EarlierNames = { rooms: {}, recordings: {} },
): Outputs {
  const declared = mapValues(
    rooms,
    (name, { protect, ...room }) => new RtcRoom(name, room, options(protect, earlier.rooms[name])),
  );
  const recorded = mapValues(recordings, (name, { room, protect, ...rest }) => {
    const given = { room: declared[room] as RtcRoom, ...rest };
    return new RtcRecording(name, given, options(protect, earlier.recordings[name]));
  });
  return {
    rooms: mapValues(declared, (_, { room }) => room),
    recordings: mapValues(recorded, (_, { recording }) => recording),
  };
}

function options(protect: boolean | undefined, earlier: string | undefined): pulumi.CustomResourceOptions {
  return {
    ...(protect === undefined ? {} : { protect }),
    ...(earlier === undefined ? {} : { aliases: [{ name: earlier }] }),
  };
}

function mapValues<T, U>(from: Record<string, T>, map: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(name, value)]));
}
