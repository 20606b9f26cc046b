import * as pulumi from "@pulumi/pulumi";
import type { RtcClient } from "../client/types";
import { DECLARED_SETTINGS, type DeclaredSettings, recordedSettings } from "../contract/settings";
import type {
  AccessToken,
  KickInput,
  Page,
  PageInput,
  Participant,
  Room,
  RoomSettings,
  TokenInput,
} from "../contract/types";
import type { Inputs } from "./resource";
import { RtcRoom } from "./room";

/** Input of {@link issueTokenOutput}: as for {@link issueToken}, and the room may be a resource. */
export type IssueTokenOutputArgs = Inputs<Omit<TokenInput, "room">> & {
  room: RtcRoom | pulumi.Input<TokenInput["room"]>;
};

/**
 * Signs a join token in a Pulumi program, with the stack's `rtc:` config or the environment.
 *
 * @example const { token } = await issueToken({ room: "standup", identity: "alice", ttlSeconds: 3600 });
 */
export async function issueToken(args: TokenInput): Promise<AccessToken> {
  return (await programClient()).token.issue(args);
}

/**
 * Signs a join token for a room resource, or from other outputs. The answer is a secret output, and unknown while the room
 * is not there yet: in a preview, and in a run that leaves the room out. The provider stores no token; one that is exported from the stack is
 * stored, encrypted, by the engine: rather issue it after `up`.
 *
 * @example const access = issueTokenOutput({ room, identity: "alice" });
 */
export function issueTokenOutput(args: IssueTokenOutputArgs): pulumi.Output<AccessToken> {
  const { room, ...rest } = args;
  const record = RtcRoom.isInstance(room) ? recordOf(room) : ifKnown(room);
  return pulumi.secret(
    pulumi
      .all([pulumi.output(rest), record])
      .apply(([asked, from]) => issueToken({ ...asked, room: from } as TokenInput)),
  );
}

/** What a token takes from the resource. It is not known before the room's id is. */
function recordOf(resource: RtcRoom): pulumi.Output<RoomSettings> {
  const settings = Object.fromEntries(DECLARED_SETTINGS.map((field) => [field, resource[field]]));
  return pulumi
    .all([ifKnown(resource.room), pulumi.output(settings)])
    .apply(([room, declared]) => ({ room, ...recordedSettings(declared as DeclaredSettings) }));
}

/**
 * A room from an output, which is unknown as long as the output has no value: in a run with `--exclude` Pulumi reports the
 * outputs of a room that is left out, and was never created, as known and absent.
 */
function ifKnown<Room>(room: pulumi.Input<Room>): pulumi.Output<pulumi.Unwrap<Room>> {
  const given = pulumi.output(room);
  if (!pulumi.Output.isInstance(room)) return given;
  const known = given.apply((value) => (value === undefined ? pulumi.output(pulumi.unknown) : value));
  return known as unknown as typeof given;
}

/** A room with its current number of participants, by id or name. @throws NOT_FOUND */
export async function getRoom(args: { room: string }): Promise<Room> {
  return (await programClient()).room.get(args.room);
}

/** {@link getRoom} for an id or name that is an output. */
export function getRoomOutput(args: { room: pulumi.Input<string> }): pulumi.Output<Room> {
  return ifKnown(args.room).apply((room) => getRoom({ room }));
}

/** The rooms that exist, every vendor, a page at a time. */
export async function listRooms(args: PageInput = {}): Promise<Page<Room>> {
  return (await programClient()).room.list(args);
}

/** The participants in a room. @throws NOT_FOUND */
export async function listParticipants(args: { room: string }): Promise<{ items: Participant[] }> {
  return (await programClient()).participant.list(args.room);
}

/** {@link listParticipants} for an id or name that is an output. */
export function listParticipantsOutput(args: {
  room: pulumi.Input<string>;
}): pulumi.Output<{ items: Participant[] }> {
  return ifKnown(args.room).apply((room) => listParticipants({ room }));
}

/**
 * Removes a participant from a room, who can join again while a token of theirs is valid, also one that the server has handed
 * to their client. In a preview it does nothing. @throws NOT_FOUND
 */
export async function kickParticipant(args: KickInput): Promise<void> {
  if (!pulumi.runtime.isDryRun()) await (await programClient()).participant.kick(args);
}

/** The program's client. One that only declares rooms never loads it. */
async function programClient(): Promise<RtcClient> {
  return (await import("./config.js")).programClient();
}
