import { RtcRecording, type RtcRecordingArgs } from "../../pulumi/recording";
import { RtcRoom } from "../../pulumi/room";
import type { Program } from "./engine";
import type { Held } from "./stack-state";

/**
 * Declares nothing that is kept. The one room is never made, but it makes the engine take the configuration of now and not
 * the one that it has stored: keys may have been rotated since.
 */
export function nothing(held: readonly Held[]): Program {
  const vendor = held[0]?.vendor;
  return async () => {
    await Promise.resolve();
    new RtcRoom("rtc-nothing", vendor ? { vendor } : {});
    return {};
  };
}

/** Declares again what a killed run had begun to make, as it did: what is there is adopted. */
export function again(creates: readonly Held[]): Program {
  return async () => {
    await Promise.resolve();
    for (const { kind, name, inputs } of creates) {
      const given = Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
      if (kind === "room") new RtcRoom(name, given);
      else {
        const { roomSid, room, ...rest } = given;
        new RtcRecording(name, { ...rest, room: String(room) } satisfies RtcRecordingArgs);
      }
    }
    return {};
  };
}
