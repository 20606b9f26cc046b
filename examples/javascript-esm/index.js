import * as pulumi from "@pulumi/pulumi";
import * as rtc from "pulumi-rtc";

const seats = new pulumi.Config().getNumber("seats") ?? 20;

export const rooms = ["beginners", "advanced"].map((name) => {
  const metadata = { title: `Workshop for ${name}` };
  return new rtc.RtcRoom(name, { name: `workshop-${name}`, maxParticipants: seats, metadata }).room;
});
