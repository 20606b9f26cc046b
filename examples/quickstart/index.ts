import { RtcRoom } from "pulumi-rtc";

// Stays until it is destroyed, occupied or empty.
const standup = new RtcRoom("standup", { maxParticipants: 12, metadata: { team: "core" } });

// Closes by itself ten minutes after the last person left, and comes back with the next one.
const interview = new RtcRoom("interview", { emptyTimeoutSeconds: 600 });

export const rooms = { standup, interview };
