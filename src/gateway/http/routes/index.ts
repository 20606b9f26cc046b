import { CAPABILITIES, capability, invalid, nearest } from "../../../contract";
import { type GatewayRoute, route } from "../route";
import { NOTHING, pointer } from "../schemas";
import { participants, token } from "./participants";
import { recordings } from "./recordings";
import { rooms } from "./rooms";

/** The discovery route. */
const discovery = route(
  "discovery",
  {
    method: "get",
    names: "capability",
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
);

/** Every route of the contract. */
export const ROUTES: readonly GatewayRoute[] = [...rooms, token, ...recordings, ...participants, discovery];
