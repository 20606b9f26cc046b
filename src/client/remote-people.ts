import { kickInput, NEVER, parse, type RoomSettings, RtcError, tokenInput } from "../contract";
import { inPath } from "./remote-gateway";
import type { Remote } from "./remote-offers";
import { doneSchema, listOf, participantSchema, tokenSchema } from "./remote-records";
import type { RtcClient } from "./types";

/** The `token` and `participant` parts of a client of a gateway. */
export function remotePeople({ gateway }: Remote): Pick<RtcClient, "token" | "participant"> {
  /** Whether the gateway takes a room's record where the contract has its id or name, as ours does. */
  let takesRecords = true;

  async function signed(body: Record<string, unknown>) {
    const path = "/v1/rtc/token/issue";
    const call = { capability: "rtc.token.issue", method: "POST", path, body, repeatable: true } as const;
    return gateway.call(call, tokenSchema);
  }

  /** A token that carries the room's settings; undefined where the gateway does not take them. */
  async function signedForRecord(body: Record<string, unknown>, room: string) {
    if (!takesRecords) return undefined;
    const issued = await signed(body).catch((error: unknown) => {
      if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
      throw error;
    });
    takesRecords = issued?.room === room;
    return takesRecords ? issued : undefined;
  }

  return {
    token: {
      async issue(input) {
        const { room: asked, ...rest } = parse(tokenInput, input, "the token");
        const room = typeof asked === "string" ? asked : asked.room;
        const before = Date.now();
        const isRecord = typeof asked !== "string" && hasSettings(asked);
        const full = isRecord ? await signedForRecord({ ...rest, room: asked }, room) : undefined;
        const issued = full ?? (await signed({ ...rest, room }));
        const warnings = [...(issued.warnings ?? []), ...(isRecord && !full ? [WITHOUT_SETTINGS] : [])];
        return {
          token: issued.token,
          room: issued.room ?? room,
          identity: issued.identity ?? rest.identity,
          expiresAt: issued.expiresAt ?? new Date(before + rest.ttlSeconds * 1_000).toISOString(),
          ...(warnings.length > 0 ? { warnings } : {}),
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

const WITHOUT_SETTINGS =
  "the gateway takes no settings for a token: one that brings the room back makes it with the server's defaults";

/** Whether a token has something to carry for the case that it brings the room back. */
function hasSettings({ maxParticipants, emptyTimeoutSeconds, metadata }: RoomSettings): boolean {
  const closes = emptyTimeoutSeconds !== null && emptyTimeoutSeconds !== NEVER;
  return maxParticipants !== null || closes || Object.keys(metadata ?? {}).length > 0;
}
