import * as pulumi from "@pulumi/pulumi";
import { RtcRecording } from "../pulumi/recording";
import { evenIfUnknown } from "../pulumi/resource";
import { RtcRoom } from "../pulumi/room";
import type { Outputs } from "./outputs";
import type { Manifest } from "./schema";

/** Earlier names of resources, by their names now. */
export interface EarlierNames {
  rooms: Readonly<Record<string, string>>;
  recordings: Readonly<Record<string, string>>;
}

/** Ids of rooms and recordings, by the names of their resources now. */
export type EarlierIds = EarlierNames;

/**
 * Declares the resources of a manifest, in a running Pulumi program.
 *
 * @param earlier the names in the state of resources that have another name now: they move
 * @param ids the ids in the state, which stay the stack's outputs of what fails in this run
 */
export function declare(
  { rooms, recordings }: Manifest,
  earlier: EarlierNames = { rooms: {}, recordings: {} },
  ids: EarlierIds = { rooms: {}, recordings: {} },
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
    rooms: mapValues(declared, (name, { room }) => orEarlier(room, ids.rooms[name])),
    recordings: mapValues(recorded, (name, { recording }) => orEarlier(recording, ids.recordings[name])),
  };
}

/** The id of a resource; of one that has failed, the one before or none, where Pulumi would store its sign for an unknown value. */
function orEarlier(id: pulumi.Output<string>, before: string | undefined): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return id;
  return evenIfUnknown(id, (value) => (pulumi.isUnknown(value) ? (before as string) : value));
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
