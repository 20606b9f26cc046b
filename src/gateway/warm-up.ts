import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGateway } from "./http/app";
import type { GatewayParts } from "./http/context";
import { ROUTES } from "./http/routes";

/** Enough for V8 to compile what reads a body, with little memory. */
const VALUES = 1_500;
const ROUNDS = 2;

/**
 * Lets a gateway reject long bodies before it listens: what no request has run yet is loaded and compiled while it runs,
 * and the first long one would hold up all others. Nothing reaches the log, the store or a vendor.
 */
export async function warmUp({ client, names, recordings }: GatewayParts): Promise<void> {
  const principal = { id: "", name: "", readOnly: false };
  const app = createGateway({ client, names, recordings, keys: { check: async () => principal } });
  const fields = Array.from({ length: VALUES }, (_, index) => ({ [`field${index}`]: index }));
  const metadata = { list: fields };
  const rejected = [
    { metadata, ...Object.assign({}, ...fields) },
    { metadata, name: "room", vendor: "none" },
  ].map((body) => JSON.stringify(body));
  const headers = { authorization: "Bearer key", "content-type": "application/json" };
  const paths = ROUTES.filter(({ method }) => method === "post").map(({ path }) => path);
  for (let round = 0; round < ROUNDS; round++)
    for (const path of paths)
      for (const body of rejected) await app.request(path, { method: "POST", headers, body });
  freeMemory();
}

/** Returns to the system what V8 has allocated for long bodies, 25 MB or more, which it otherwise keeps. */
function freeMemory(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as NodeJS.GCFunction;
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
