import type * as pulumi from "@pulumi/pulumi";
import { RtcRecording, RtcRoom } from "pulumi-rtc";

const seats = { algebra: 30, history: 25 };

export const rooms: Record<string, pulumi.Output<string>> = {};
export const files: Record<string, pulumi.Output<string[]>> = {};

for (const [name, maxParticipants] of Object.entries(seats)) {
  // Closes ten minutes after the last one left, which ends the recording; and opens again for the next lesson.
  const room = new RtcRoom(name, { maxParticipants, emptyTimeoutSeconds: 600, metadata: { class: name } });

  // Without outputUri it goes where rtc:recordingOutput says. Each lesson gets its own, by the next pulumi up --refresh.
  const recording = new RtcRecording(name, { room, audioOnly: true, restartPolicy: "always" });

  rooms[name] = room.room;
  files[name] = recording.files.apply((all) => (all ?? []).map(({ location }) => location));
}
