/** Real-time rooms as code: see the README for a tour, and each export for its own documentation. */

import "./contract/node-version";

export { createClient } from "./client/deferred";
export { type StrayOptions, strayRecordings } from "./client/orphans";
export type { RtcConfig } from "./client/rtc-config";
export type { Declared, RtcClient, VendorTraits } from "./client/types";
export type { Capability } from "./contract/capabilities";
export { type ErrorCode, type Issue, RtcError } from "./contract/errors";

export type { JsonObject } from "./contract/json";
export type { RecordingStatus } from "./contract/recordings";
export type {
  AccessToken,
  Discovery,
  KickInput,
  Page,
  PageInput,
  Participant,
  RecordedFile,
  Recording,
  RecordingInput,
  RecordingListInput,
  RecordingUpdateInput,
  Room,
  RoomInput,
  RoomSettings,
  RoomUpdateInput,
  RouteRequest,
  TokenInput,
} from "./contract/types";
export {
  getRoom,
  getRoomOutput,
  type IssueTokenOutputArgs,
  issueToken,
  issueTokenOutput,
  kickParticipant,
  listParticipants,
  listParticipantsOutput,
  listRooms,
} from "./pulumi/functions";
export { RtcRecording, type RtcRecordingArgs } from "./pulumi/recording";
export { RtcRoom, type RtcRoomArgs } from "./pulumi/room";
export type { Candidate, Route } from "./routing/route";
