import { randomBytes } from "node:crypto";
import { type EgressInfo, ParticipantInfo_State } from "livekit-server-sdk";
import { vi } from "vitest";
import { localClient } from "../../src/client/local.ts";
import type { RtcClient } from "../../src/client/types.ts";
import { everyVendor } from "../../src/client/vendors.ts";
import { type JsonObject, OWNER_KEY, STATUSES } from "../../src/contract/index.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as ServerProxy, startProxy } from "../support/proxy.ts";
import { recordersIn } from "../support/recordings.ts";
import { type ObservedRoom, type ObservedTape, runs } from "./observation.ts";

/** The default timeouts of the server: it closes soon, but not within a history. */
const DEFAULTS = { empty_timeout: 300, departure_timeout: 300 };
const STANDARD = 0;
const POLL_OPTIONS = { timeout: 20_000, interval: 100 };

/** A real server, on which histories are played one after the other. */
export interface Lane {
  readonly server: LivekitServer;
  /** Between the stack and the server; and the same under another address. */
  readonly proxy: ServerProxy;
  readonly elsewhere: ServerProxy;
  /** The keys that the stack must have. The server takes the tests' own as well. */
  keys(): { apiKey: string; apiSecret: string };
  /** Restarts the server, which takes another pair from then on. */
  rotate(): Promise<void>;
  /** A client with the tests' own keys, which goes straight to the server. */
  client(): RtcClient;
  rooms(): Promise<Record<string, ObservedRoom>>;
  /** The recordings, once those of rooms that have closed have ended, as they do within seconds. */
  tapes(): Promise<ObservedTape[]>;
}

/** Starts a server with Redis and the stand-in for an egress worker, and what is between. */
export async function newLane(): Promise<Lane> {
  const taken: Record<string, string> = {};
  let keys = newPair(taken);
  // The server's configuration is rewritten, with what `taken` holds then, at each start.
  const server = await startLivekit({ egress: "worker", config: { room: DEFAULTS, keys: taken } });
  const lane: Lane = {
    server,
    proxy: await startProxy(server.url),
    elsewhere: await startProxy(server.url),
    keys: () => keys,
    client: () => {
      const { url, apiKey, apiSecret } = server;
      const config = { livekitUrl: url, livekitApiKey: apiKey, livekitApiSecret: apiSecret };
      return localClient({ ...config, vendors: ["livekit"] }, everyVendor);
    },
    rotate: async () => {
      keys = newPair(taken);
      await server.restart();
    },
    rooms: async () => {
      const rooms = await server.service.listRooms();
      const observed = rooms.map(async (room): Promise<[string, ObservedRoom]> => {
        const { name, sid, maxParticipants, emptyTimeout, departureTimeout } = room;
        const inside = await server.service.listParticipants(name);
        const participants = inside.filter(
          ({ kind, state }) => Number(kind) === STANDARD && state !== ParticipantInfo_State.DISCONNECTED,
        );
        return [
          name,
          {
            ...{ sid, participants: participants.length, timeouts: [emptyTimeout, departureTimeout] },
            maxParticipants: maxParticipants === 0 ? null : maxParticipants,
            ...described(room.metadata),
          },
        ];
      });
      return Object.fromEntries(await Promise.all(observed));
    },
    tapes: () =>
      vi.waitFor(async () => {
        const [rooms, all] = [await server.service.listRooms(), await server.recordings.listEgress()];
        all.sort((a, b) => Number(a.startedAt - b.startedAt));
        const open = new Set(rooms.map(({ sid }) => sid));
        const tapes = await Promise.all(all.map((egress) => observeTape(server, egress)));
        const late = tapes.filter((tape) => tape.status === "ending" || (runs(tape) && !open.has(tape.sid)));
        if (late.length > 0) throw new Error(`These do not end: ${JSON.stringify(late)}`);
        return tapes;
      }, POLL_OPTIONS),
  };
  return lane;
}

/** Puts a pair in the place of those before. */
function newPair(taken: Record<string, string>): { apiKey: string; apiSecret: string } {
  for (const key of Object.keys(taken)) delete taken[key];
  const pair = { apiKey: `API${randomBytes(6).toString("hex")}`, apiSecret: randomBytes(32).toString("hex") };
  taken[pair.apiKey] = pair.apiSecret;
  return pair;
}

function described(text: string): Pick<ObservedRoom, "metadata" | "owner"> {
  try {
    const { [OWNER_KEY]: owner, ...metadata }: JsonObject = JSON.parse(text || "{}");
    return { metadata, owner: typeof owner === "string" ? owner : null };
  } catch {
    return { metadata: null, owner: null };
  }
}

async function observeTape(server: LivekitServer, egress: EgressInfo): Promise<ObservedTape> {
  const { egressId: id, roomName: room, roomId: sid, status: number, fileResults } = egress;
  const request = egress.request.case === "roomComposite" ? egress.request.value : undefined;
  const status = STATUSES[number] ?? "failed";
  const path = request?.fileOutputs[0]?.filepath ?? "";
  const file = fileResults.find(({ location }) => location !== "")?.location;
  const layout = runs({ status }) ? await layoutSent(server, room, id) : undefined;
  return {
    ...{ id, room, sid, status },
    layout: layout ?? (request?.layout || "grid"),
    audioOnly: request?.audioOnly ?? false,
    output: path.slice(0, path.lastIndexOf("/") + 1),
    ...(file === undefined ? {} : { file }),
  };
}

/** The last layout that a recorder received; undefined: only that of its start. */
async function layoutSent(server: LivekitServer, room: string, id: string): Promise<string | undefined> {
  const recorder = (await recordersIn(server, room)).find(({ identity }) => identity === id);
  const { layout }: { layout?: string } = JSON.parse(recorder?.metadata || "{}");
  return layout;
}
