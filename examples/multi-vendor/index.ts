import * as pulumi from "@pulumi/pulumi";
import { RtcRoom } from "pulumi-rtc";

const config = new pulumi.Config();

// LiveKit makes the room, keeps it, and lets no more people in.
const stage = new RtcRoom("stage", { vendor: "livekit", maxParticipants: 12 });

// Agora makes it when somebody joins, and ends it with the last: what is declared is a record.
const townHall = new RtcRoom("town-hall", { vendor: "agora", maxParticipants: 500 });

// So does ZEGO. Another vendor here replaces the room.
const lounge = new RtcRoom("lounge", { vendor: config.get("lounge") ?? "zego" });

// It names no vendor: it goes to the first of rtc:vendors that can take it, and stays there.
const foyer = new RtcRoom("foyer", { metadata: { open: true } });

export const rooms = Object.fromEntries(
  Object.entries({ stage, townHall, lounge, foyer }).map(([name, { room }]) => [name, room]),
);
