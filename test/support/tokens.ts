import { AccessToken } from "livekit-server-sdk";
import type { LivekitServer } from "./livekit.ts";
import { join, type Person } from "./participants.ts";

/** A join token by LiveKit's own SDK, without a room's settings: an old one, or that of another application. */
export function plainToken(
  server: Pick<LivekitServer, "url" | "apiKey" | "apiSecret">,
  room: string,
  identity: string,
): Promise<string> {
  const token = new AccessToken(server.apiKey, server.apiSecret, { identity });
  token.addGrant({ roomJoin: true, room });
  return token.toJwt();
}

/** A participant joins with a {@link plainToken}; a room that is gone comes back with the server's defaults. */
export async function joinPlainly(
  server: Pick<LivekitServer, "url" | "apiKey" | "apiSecret">,
  room: string,
  identity: string,
): Promise<Person> {
  return join(server.url, await plainToken(server, room, identity));
}

/** A program joins that is no person, as LiveKit's agents do. */
export async function joinAsAgent(
  server: Pick<LivekitServer, "url" | "apiKey" | "apiSecret">,
  room: string,
): Promise<Person> {
  const token = new AccessToken(server.apiKey, server.apiSecret, { identity: "helper" });
  token.kind = "agent";
  token.addGrant({ roomJoin: true, room, agent: true, hidden: true });
  return join(server.url, await token.toJwt());
}
