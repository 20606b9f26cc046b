import * as pulumi from "@pulumi/pulumi";
import { RtcRoom } from "pulumi-rtc";

const config = new pulumi.Config();

// LiveKit creates the room, keeps it, and admits no more participants.
const stage = new RtcRoom("stage", { vendor: "livekit", maxParticipants: 12 });

// Agora creates it at the first join, and ends it with the last participant: it is a state-only resource.
const townHall = new RtcRoom("town-hall", { vendor: "agora", maxParticipants: 500 });

// So does ZEGO. Another vendor here replaces the room.
const lounge = new RtcRoom("lounge", { vendor: config.get("lounge") ?? "zego" });

// It names no vendor: it goes to the first of rtc:vendors that can take it, and stays there.
const foyer = new RtcRoom("foyer", { metadata: { open: true } });

export const rooms = Object.fromEntries(
  Object.entries({ stage, townHall, lounge, foyer }).map(([name, { room }]) => [name, room]),
);
