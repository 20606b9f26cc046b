/** What stands for the room's id in the inputs of a recording whose room has failed in this run. The engine skips it. */
export const ROOM_FAILED = "(the room has failed)";
