import { kickInput, parse, tokenInput } from "../contract";
import { inPath } from "./remote-gateway";
import type { Remote } from "./remote-offers";
import { doneSchema, listOf, participantSchema, tokenSchema } from "./remote-records";
import type { RtcClient } from "./types";

/** The `token` and `participant` parts of a client of a gateway. */
export function remotePeople({ gateway }: Remote): Pick<RtcClient, "token" | "participant"> {
  return {
    token: {
      async issue(input) {
        const { room: asked, ...rest } = parse(tokenInput, input, "the token");
        // The contract has no place for a room's settings: the gateway knows the room itself.
        const room = typeof asked === "string" ? asked : asked.room;
        const body = { ...rest, room };
        const path = "/v1/rtc/token/issue";
        const before = Date.now();
        const call = { capability: "rtc.token.issue", method: "POST", path, body, repeatable: true } as const;
        const issued = await gateway.call(call, tokenSchema);
        return {
          token: issued.token,
          room: issued.room ?? room,
          identity: issued.identity ?? rest.identity,
          expiresAt: issued.expiresAt ?? new Date(before + rest.ttlSeconds * 1_000).toISOString(),
          ...(issued.warnings?.length ? { warnings: issued.warnings } : {}),
        };
      },
    },
    participant: {
      async list(room) {
        const path = `/v1/rtc/participant/list/${inPath("room", room)}`;
        const call = { capability: "rtc.participant.list", method: "GET", path, repeatable: true } as const;
        const { items } = await gateway.call(call, listOf(participantSchema));
        return { items };
      },
      async kick(input) {
        const body = { ...parse(kickInput, input, "the kick") };
        const path = `/v1/rtc/participant/kick/${inPath("room", body.room)}`;
        // A second kick would find nobody, or somebody who has come back.
        const call = {
          capability: "rtc.participant.kick",
          method: "POST",
          path,
          body,
          repeatable: false,
        } as const;
        await gateway.call(call, doneSchema);
      },
    },
  };
}
