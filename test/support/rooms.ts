import type { LivekitServer } from "./livekit.ts";
import type { Stack } from "./stack.ts";
import type { StateResource } from "./stack-types.ts";

/** Everything that the server reports of a room; undefined where there is none. */
export async function roomAt(server: LivekitServer, name: string) {
  const [room] = await server.service.listRooms([name]);
  return room;
}

/** A room's metadata at the server, with the ownership tag. */
export async function metadataAt(server: LivekitServer, name: string): Promise<Record<string, unknown>> {
  return JSON.parse((await roomAt(server, name))?.metadata || "{}") as Record<string, unknown>;
}

/** What a stack remembers of its rooms, by resource name; the engine's own bookkeeping is left out. */
export async function roomsInState(stack: Stack): Promise<Record<string, StateResource>> {
  const { deployment } = stack.state();
  // After a destroy an exported state has no resources at all.
  const rooms = (deployment.resources ?? []).filter(({ type }) => type.endsWith("RtcRoom"));
  return Object.fromEntries(
    rooms.map(({ urn, type, id = "", inputs, outputs }) => [
      urn.slice(urn.lastIndexOf("::") + 2),
      { urn, type, id, inputs, outputs },
    ]),
  );
}
