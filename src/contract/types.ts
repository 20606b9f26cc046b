import type { z } from "zod";
import type {
  kickInput,
  pageInput,
  recordingInput,
  recordingListInput,
  recordingManifestInput,
  recordingResourceInput,
  recordingUpdateInput,
  roomFields,
  roomInput,
  roomResourceInput,
  roomSettings,
  roomUpdateInput,
  routeInput,
  tokenInput,
} from "./inputs";
import type { recordingResourceOutput, roomResourceOutput } from "./outputs";
import type {
  discoveryRecord,
  fileRecord,
  participantRecord,
  recordingRecord,
  roomRecord,
  tokenRecord,
} from "./records";

/** The types of the inputs and records. The build writes them out, with what each field is, for those who use the package. */

/** The settings of a room, wherever one is created or declared. */
export type RoomFields = z.input<z.ZodObject<typeof roomFields>>;
/** Input of `room.create`. */
export type RoomInput = z.input<typeof roomInput>;
/** Inputs of the RtcRoom resource. */
export type RoomResourceInput = z.input<typeof roomResourceInput>;
/** Input of `room.update`. */
export type RoomUpdateInput = z.input<typeof roomUpdateInput>;
/** Input of `room.list`. */
export type PageInput = z.input<typeof pageInput>;
/** Input of `token.issue`. */
export type TokenInput = Omit<z.input<typeof tokenInput>, "room"> & {
  room: string | (Pick<RoomSettings, "room"> & Partial<RoomSettings>);
};
/** Input of `participant.kick`. */
export type KickInput = z.input<typeof kickInput>;
/** Input of `explainRoute`. */
export type RouteRequest = z.input<typeof routeInput>;
/** Input of `recording.start`. */
export type RecordingInput = z.input<typeof recordingInput>;
/** Inputs of the RtcRecording resource. */
export type RecordingResourceInput = z.input<typeof recordingResourceInput>;
/** A recording as a manifest declares it. */
export type RecordingManifestInput = z.input<typeof recordingManifestInput>;
/** Outputs of the RtcRoom resource: its inputs as they were resolved, and what the vendor answered. */
export type RoomOutputs = RoomResourceInput & { name: string; vendor: string } & z.output<
    typeof roomResourceOutput
  >;
/** Outputs of the RtcRecording resource: its inputs as they were resolved, and what the vendor reports. */
export type RecordingOutputs = RecordingResourceInput & { outputUri: string; vendor: string } & z.output<
    typeof recordingResourceOutput
  >;
/** Input of `recording.update`. */
export type RecordingUpdateInput = z.input<typeof recordingUpdateInput>;
/** Input of `recording.list`. */
export type RecordingListInput = z.input<typeof recordingListInput>;

/** A room as a vendor shows it. What a vendor does not know is null. */
export interface Room extends z.output<typeof roomRecord> {
  /** Through a third-party gateway only: the fields that it does not report, and which are null for that. */
  untold?: (keyof Room)[];
}
/** What a token takes from a room: its id, and the settings with which a join brings it back. */
export type RoomSettings = z.output<typeof roomSettings>;
/** A participant in a room. */
export type Participant = z.output<typeof participantRecord>;
/** A join token. The token itself is a secret: hand it to the participant, do not store it. */
export type AccessToken = z.output<typeof tokenRecord>;
/** A finished file of a recording. */
export type RecordedFile = z.output<typeof fileRecord>;
/** A recording as a vendor shows it. */
export type Recording = z.output<typeof recordingRecord>;
/** Which vendors can do something, with a configuration. */
export type Discovery = z.output<typeof discoveryRecord>;

/** One page of a list; `nextCursor` is absent on the last. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}
