import { CAPABILITIES, capability, invalid, nearest } from "../../../contract";
import { type GatewayRoute, route } from "../route";
import { NOTHING, pointer } from "../schemas";

/** The discovery route. */
export const discovery: readonly GatewayRoute[] = [
  route(
    {
      operation: "discovery",
      method: "get",
      path: "/v1/discovery/{capability}",
      summary: "Which vendors can do something with the gateway's configuration, and why the others cannot",
      input: NOTHING,
      answers: ["Discovery"],
    },
    async ({ client, id }) => {
      const known = capability.safeParse(id);
      if (known.success) return client.discover(known.data);
      const meant = nearest(id, CAPABILITIES);
      const message = meant
        ? `is not known; did you mean ${meant}?`
        : `is not known: there is ${CAPABILITIES.join(", ")}`;
      throw invalid("the request", [{ path: pointer(["capability"]), message }]);
    },
  ),
];
