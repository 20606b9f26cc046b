import { kickInput, parse, tokenInput } from "../contract";
import { type LocalContext, requireRoom } from "./rooms";
import type { RtcClient } from "./types";

/** The `token` and `participant` parts of a client. */
export function participantsOf({ resolver }: LocalContext): Pick<RtcClient, "token" | "participant"> {
  return {
    token: {
      async issue(input) {
        const { room, vendor: explicit, ...asked } = parse(tokenInput, input, "the token");
        const settings = typeof room === "string" ? undefined : room;
        const id = typeof room === "string" ? room : room.room;
        const { adapter, ref } = await resolver.resolve(id, "rtc.token.issue", explicit);
        const { region, name } = ref;
        return adapter.issueToken({ ...asked, region, name, ...(settings && { settings }) });
      },
    },
    participant: {
      async list(room) {
        const target = await resolver.resolve(room, "rtc.participant.list");
        const items = await target.adapter.listParticipants(target.ref);
        // A persistent room that does not exist returns an empty list too.
        if (items.length === 0 && target.adapter.persistentRooms) await requireRoom(target);
        return { items };
      },
      async kick(input) {
        const { room, identity, vendor: explicit } = parse(kickInput, input, "the kick");
        const { adapter, ref } = await resolver.resolve(room, "rtc.participant.kick", explicit);
        await adapter.kickParticipant(ref, identity);
      },
    },
  };
}
