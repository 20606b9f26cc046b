import { assertRoomAllowed } from "../../middleware/access";
import { type GatewayRoute, route } from "../route";
import { INPUTS } from "../schemas";

/** The route of join tokens. */
export const tokens: readonly GatewayRoute[] = [
  route(
    {
      operation: "rtc.token.issue",
      method: "post",
      path: "/v1/rtc/token/issue",
      summary: "Sign a join token for one room and one identity, in the vendor's own format",
      input: INPUTS.TokenInput,
      answers: ["AccessToken"],
    },
    async (call) => {
      const { room } = call.input;
      assertRoomAllowed(call, typeof room === "string" ? room : room.room);
      return call.client.token.issue(call.input);
    },
  ),
];
