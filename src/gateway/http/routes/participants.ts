import { invalid, parseRoomId } from "../../../contract";
import { assertRoomAllowed } from "../../middleware/access";
import { type Call, type GatewayRoute, route } from "../route";
import { INPUTS, NOTHING, pointer } from "../schemas";

/** The routes of participants. */
export const participants: readonly GatewayRoute[] = [
  route(
    {
      operation: "rtc.participant.list",
      method: "get",
      path: "/v1/rtc/participant/list/{room}",
      summary: "The participants in a room",
      input: NOTHING,
      answers: ["ParticipantList"],
    },
    async (call) => {
      assertRoomAllowed(call, call.id);
      return call.client.participant.list(call.id);
    },
  ),
  route(
    {
      operation: "rtc.participant.kick",
      method: "post",
      path: "/v1/rtc/participant/kick/{room}",
      summary: "Remove a participant from a room; their token stays valid",
      input: INPUTS.KickInput,
      answers: ["Done"],
    },
    async (call) => {
      const room = agreed(call, call.input.room);
      assertRoomAllowed(call, room);
      await call.client.participant.kick({ ...call.input, room });
      return { ok: true };
    },
  ),
];

/** The room that both the path and the body name; one of them may name it by its id. */
function agreed({ client, id }: Pick<Call<unknown>, "client" | "id">, room: string): string {
  if (room === id) return room;
  const [inPath, inBody] = [id, room].map((text) => parseRoomId(text, client.vendors()));
  if (inPath && !inBody && inPath.name === room) return id;
  if (inBody && !inPath && inBody.name === id) return room;
  throw invalid("the request", [{ path: pointer(["room"]), message: "is not the room of the path" }]);
}
