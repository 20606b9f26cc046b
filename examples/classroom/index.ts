import * as pulumi from "@pulumi/pulumi";
import { type RoomSettings, RtcRecording, RtcRoom } from "pulumi-rtc";

const seats = { algebra: 30, history: 25 };
// A room closes ten minutes after the last one left, which ends its recording; it opens again for the next lesson.
const emptyTimeoutSeconds = 600;

export const rooms: Record<string, pulumi.Output<RoomSettings>> = {};
export const files: Record<string, pulumi.Output<string[]>> = {};

for (const [name, maxParticipants] of Object.entries(seats)) {
  const metadata = { class: name };
  const room = new RtcRoom(name, { maxParticipants, emptyTimeoutSeconds, metadata });

  // Without outputUri it goes to rtc:recordingOutput.
  const recording = new RtcRecording(name, { room, audioOnly: true });

  // What a token needs to open the room again as it is declared here.
  const departureTimeoutSeconds = emptyTimeoutSeconds;
  const settings = {
    room: room.room,
    maxParticipants,
    emptyTimeoutSeconds,
    departureTimeoutSeconds,
    metadata,
  };
  rooms[name] = pulumi.output(settings);
  files[name] = recording.files.apply((all = []) => all.map(({ location }) => location));
}
