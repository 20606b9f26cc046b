/*
 * Loaded by --import into a process, whose requests to the hosts of official releases then go to a local server that
 * stands in for them, at the address in ENGINE_HOSTS.
 */

/** A fetch that asks the local server for `https://host/path` at `/host/path`. */
export function redirected(fetch: typeof globalThis.fetch, server: string): typeof globalThis.fetch {
  return (input, init) => fetch(String(input).replace("https:/", server), init);
}

const server = process.env["ENGINE_HOSTS"];
if (server !== undefined) globalThis.fetch = redirected(globalThis.fetch, server);
