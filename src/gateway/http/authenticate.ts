import type { Context } from "hono";
import { RtcError } from "../../contract/errors";
import type { Keys, Principal } from "../services/keys";
import type { GatewayEnv } from "./context";

/** The caller of a request, by its key. @throws UNAUTHENTICATED */
export async function authenticate(c: Context<GatewayEnv>, keys: Keys): Promise<Principal> {
  const principal = await keys.check(bearerOf(c));
  if (!principal) throw new RtcError("UNAUTHENTICATED", "the gateway does not accept this key");
  return principal;
}

function bearerOf(c: Context<GatewayEnv>): string {
  const header = c.req.header("authorization");
  if (header === undefined)
    throw new RtcError("UNAUTHENTICATED", "the gateway needs a key: send it as Authorization: Bearer <key>");
  const key = /^Bearer +(\S+)$/i.exec(header.trim())?.[1];
  if (key === undefined)
    throw new RtcError("UNAUTHENTICATED", "the Authorization header is not of the form Bearer <key>");
  return key;
}
