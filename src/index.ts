/** Real-time rooms as code: see the README for a tour, and each export for its own documentation. */
export { createClient } from "./client/local";
export { type StrayOptions, strayRecordings } from "./client/stray";
export type { Declared, RtcClient, TokenInput } from "./client/types";
export type {
  AccessToken,
  Capability,
  ErrorCode,
  Issue,
  JsonObject,
  KickInput,
  Page,
  PageInput,
  Participant,
  RecordedFile,
  Recording,
  RecordingInput,
  RecordingListInput,
  RecordingStatus,
  RecordingUpdateInput,
  Room,
  RoomInput,
  RoomSettings,
  RoomUpdateInput,
  RtcConfig,
} from "./contract";
export { RtcError } from "./contract";
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
export type { Candidate, Route, RouteRequest } from "./routing/route";
