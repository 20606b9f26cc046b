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

const NONE: EarlierNames = { rooms: {}, recordings: {} };

/**
 * Declares the resources of a manifest, in a running Pulumi program.
 *
 * @param earlier the names in the state of resources that have another name now: they move, or keep these names for the run
 * @param ids the ids in the state, which stay the stack's outputs of what fails in this run
 * @param kept which of them keep these names although they exchange them with no other
 */
export function declare(
  { rooms, recordings }: Manifest,
  earlier: EarlierNames = NONE,
  ids: EarlierIds = NONE,
  kept: EarlierNames = NONE,
): Outputs {
  const declared = mapValues(rooms, (resource, { protect, name = resource, ...room }) => {
    const as = registered(resource, earlier.rooms, kept.rooms);
    const given = as.name === name ? room : { name, ...room };
    return new RtcRoom(as.name, given, options(protect, as.alias));
  });
  const recorded = mapValues(recordings, (resource, { room, protect, ...rest }) => {
    const as = registered(resource, earlier.recordings, kept.recordings);
    const given = { room: declared[room] as RtcRoom, ...rest };
    return new RtcRecording(as.name, given, options(protect, as.alias));
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

/** Whether a resource takes the name of another one that moves too, or another one its name. */
export function isExchanged(name: string, earlier: Readonly<Record<string, string>>): boolean {
  const before = earlier[name];
  return before !== undefined && (Object.hasOwn(earlier, before) || Object.values(earlier).includes(name));
}

/**
 * The name under which a resource is registered. Pulumi resolves an alias only where no resource of the state has the name:
 * those that exchange names keep the ones of the state, until `rtc` has renamed them there.
 */
function registered(
  name: string,
  earlier: Readonly<Record<string, string>>,
  kept: Readonly<Record<string, string>>,
): { name: string; alias?: string } {
  const before = earlier[name];
  if (before === undefined) return { name };
  return isExchanged(name, earlier) || Object.hasOwn(kept, name) ? { name: before } : { name, alias: before };
}

function options(protect: boolean | undefined, alias: string | undefined): pulumi.CustomResourceOptions {
  return {
    ...(protect === undefined ? {} : { protect }),
    ...(alias === undefined ? {} : { aliases: [{ name: alias }] }),
  };
}

function mapValues<T, U>(from: Record<string, T>, map: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(name, value)]));
}
