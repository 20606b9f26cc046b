import { closesWhenEmpty, kickInput, parse, type RoomSettings, RtcError, tokenInput } from "../contract";
import type { Remote } from "./remote-capabilities";
import { inPath } from "./remote-gateway";
import { doneSchema, participantSchema, tokenSchema } from "./remote-records";
import { listedParticipants } from "./remote-rooms";
import type { RtcClient } from "./types";

/** The `token` and `participant` parts of a client of a gateway. */
export function remoteParticipants(remote: Remote): Pick<RtcClient, "token" | "participant"> {
  const { gateway } = remote;
  /** Whether the gateway accepts a room's record in place of its id or name, as ours does. */
  let acceptsRecords = true;

  async function issueToken(body: Record<string, unknown>) {
    const path = "/v1/rtc/token/issue";
    const call = { capability: "rtc.token.issue", method: "POST", path, body, repeatable: true } as const;
    return gateway.call(call, tokenSchema);
  }

  /** A token that carries the room's settings; undefined where the gateway does not accept them. */
  async function issueForRecord(body: Record<string, unknown>, room: string) {
    if (!acceptsRecords) return undefined;
    const issued = await issueToken(body).catch((error: unknown) => {
      if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
      throw error;
    });
    acceptsRecords = issued?.room === room;
    return acceptsRecords ? issued : undefined;
  }

  return {
    token: {
      async issue(input) {
        const { room: asked, ...rest } = parse(tokenInput, input, "the token");
        const room = typeof asked === "string" ? asked : asked.room;
        const before = Date.now();
        const isRecord = typeof asked !== "string" && hasSettings(asked);
        const full = isRecord ? await issueForRecord({ ...rest, room: asked }, room) : undefined;
        const issued = full ?? (await issueToken({ ...rest, room }));
        const warnings = [...(issued.warnings ?? []), ...(isRecord && !full ? [WITHOUT_SETTINGS] : [])];
        return {
          token: issued.token,
          room: issued.room ?? room,
          identity: issued.identity ?? rest.identity,
          expiresAt: issued.expiresAt ?? new Date(before + rest.ttlSeconds * 1_000).toISOString(),
          ...(issued.serverUrl ? { serverUrl: issued.serverUrl } : {}),
          ...(warnings.length > 0 ? { warnings } : {}),
        };
      },
    },
    participant: {
      async list(room) {
        const { items } = await listedParticipants(remote, room, participantSchema);
        return { items };
      },
      async kick(input) {
        const body = { ...parse(kickInput, input, "the kick") };
        const path = `/v1/rtc/participant/kick/${inPath("room", body.room)}`;
        // A second kick would find no participant, or one who has joined again.
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
  "the gateway accepts no settings for a token: a join that recreates the room uses the server's defaults";

/** Whether a token has settings to carry, for a join that recreates the room. */
function hasSettings(room: RoomSettings): boolean {
  const { maxParticipants, metadata } = room;
  return maxParticipants !== null || closesWhenEmpty(room) || Object.keys(metadata ?? {}).length > 0;
}
