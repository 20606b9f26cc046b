import { RtcRecording, type RtcRecordingArgs } from "../../pulumi/recording";
import { RtcRoom } from "../../pulumi/room";
import type { Program } from "./engine";
import type { Managed } from "./stack-state";

/**
 * Declares no managed resource. Its one room is never created, but makes the engine use the current configuration in place
 * of the stored one: keys may have been rotated since.
 */
export function declareNothing(managed: readonly Managed[]): Program {
  const vendor = managed[0]?.vendor;
  return async () => {
    await Promise.resolve();
    new RtcRoom("rtc-nothing", vendor ? { vendor } : {});
    return {};
  };
}

/** Declares the pending creates of a killed run again, so that existing resources are adopted. */
export function redeclarePending(creates: readonly Managed[]): Program {
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
