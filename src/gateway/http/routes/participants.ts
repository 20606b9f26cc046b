import { invalid, parseRoomId } from "../../../contract";
import { assertRoomAllowed } from "../../middleware/access";
import { type Call, type GatewayRoute, route } from "../route";
import { INPUTS, NOTHING, pointer } from "../schemas";

/** The route of join tokens. */
export const token = route(
  "rtc.token.issue",
  {
    method: "post",
    summary: "Sign a join token for one room and one identity, in the vendor's own format",
    input: INPUTS.TokenInput,
    answers: ["AccessToken"],
  },
  async (call) => {
    const { room } = call.input;
    assertRoomAllowed(call, typeof room === "string" ? room : room.room);
    return call.client.token.issue(call.input);
  },
);

/** The routes of participants. */
export const participants: readonly GatewayRoute[] = [
  route(
    "rtc.participant.list",
    {
      method: "get",
      names: "room",
      summary: "The participants in a room",
      input: NOTHING,
      answers: ["ParticipantList"],
    },
    ({ client, id }) => client.participant.list(id),
  ),
  route(
    "rtc.participant.kick",
    {
      method: "post",
      names: "room",
      summary: "Remove a participant from a room; their token stays valid",
      input: INPUTS.KickInput,
      answers: ["Done"],
    },
    async (call) => {
      await call.client.participant.kick({ ...call.input, room: agreed(call, call.input.room) });
      return { ok: true };
    },
  ),
];

/** The room of the path, with which a room in the body must agree; one of them may name it by its id. */
function agreed({ client, id }: Pick<Call<unknown>, "client" | "id">, room = id): string {
  if (room === id) return room;
  const [inPath, inBody] = [id, room].map((text) => parseRoomId(text, client.vendors()));
  if (inPath && !inBody && inPath.name === room) return id;
  if (inBody && !inPath && inBody.name === id) return room;
  throw invalid("the request", [{ path: pointer(["room"]), message: "is not the room of the path" }]);
}
