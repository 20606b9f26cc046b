import type { PreconditionFailure } from "../decision";

/** What stands for the room's id in the inputs of a recording whose room has failed in this run. */
export const ROOM_FAILED = "(the room has failed)";

/** Why a new recording is not started whose room has failed. */
export function roomFailure(room: string): PreconditionFailure[] {
  if (!room.endsWith(ROOM_FAILED)) return [];
  const message =
    "its room could not be created or changed in this run, so it is not recorded: see the error of the room";
  return [{ code: "NOT_FOUND", message }];
}
