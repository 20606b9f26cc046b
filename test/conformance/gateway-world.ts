import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { remoteClient } from "../../src/client/remote.ts";
import type { RtcClient } from "../../src/client/types.ts";
import type { Registry } from "../../src/client/vendors.ts";
import { everyVendor } from "../../src/client/vendors.ts";
import { createGateway } from "../../src/gateway/http/app.ts";
import { idempotent } from "../../src/gateway/middleware/idempotency.ts";
import { openSqliteStore } from "../../src/gateway/store/sqlite-store.ts";
import { type Advertised, isOptional, OPTIONAL } from "../support/advertised.ts";
import type { Subject } from "./suite.ts";
import type { World } from "./world.ts";

/** The same vendor, whose clients go through a gateway of ours in between. */
export interface ThroughGateway {
  advertised: Advertised;
  /** The vendors of the client, without keys. */
  known?: Registry;
  /** Scenes that cannot hold then, and why. */
  except?: Record<string, string>;
}

const NOT_OFFERED = "does not advertise";
/** The gateway's keys: each opens a client with another configuration of the vendor. */
const KEYS = { own: "canary-own-key", stranger: "canary-strange-key", beside: "canary-beside-key" };
/** Two addresses of the server stand for two gateways. */
const ELSEWHERE = "/elsewhere";

/** A subject whose clients call our gateway, over HTTP, which calls the vendor. */
export function throughGateway(subject: Subject, options: ThroughGateway): Subject {
  const { advertised, known = everyVendor, except = {} } = options;
  const offered = (client: RtcClient) => (advertised === "everything" ? client : withCoreOnly(client));
  const connect = (endpoint: string, apiKey: string) => offered(remoteClient({ endpoint, apiKey }, known));
  const asked = connect("http://127.0.0.1:1", KEYS.own);
  return {
    ...subject,
    except: { ...subject.except, ...except },
    // What needs keys is the gateway's affair, so what the vendor lacks here is read from the vendor's own client.
    client: { ...asked, explainRoute: withReasons(asked, subject.client.explainRoute) },
    open: async () => {
      const world = await subject.open();
      const gateway = await served(world, advertised);
      const client = (path: string, key: string) => {
        const made = connect(`${gateway.url}${path}`, key);
        return { ...made, explainRoute: withReasons(made, subject.client.explainRoute) };
      };
      return {
        ...world,
        // What crosses a network takes a moment.
        timeoutMs: Math.max(world.timeoutMs, 5_000),
        connect: () => client("", KEYS.own),
        connectElsewhere: () => client(ELSEWHERE, KEYS.own),
        connectAsStranger: () => client("", KEYS.stranger),
        connectBesideAnother: () => client("", KEYS.beside),
        secrets: [...world.secrets, ...Object.values(KEYS)],
        close: async () => {
          await gateway.stop();
          await world.close();
        },
      };
    },
  };
}

/** The suite reads what a vendor can do without a call; the client of a gateway only has what it never can. */
function withReasons(client: RtcClient, vendors: RtcClient["explainRoute"]): RtcClient["explainRoute"] {
  return (request) => {
    const own = client.explainRoute(request);
    const { candidates } = vendors(request);
    const rejected = candidates.filter(({ fits }) => !fits);
    return {
      ...own,
      candidates: own.candidates.map(
        (candidate) =>
          rejected.find(({ vendor }) => candidate.fits && vendor === candidate.vendor) ?? candidate,
      ),
    };
  };
}

/** A client that reports its capabilities without discovery. */
function withCoreOnly(client: RtcClient): RtcClient {
  return {
    ...client,
    explainRoute: (request) => {
      const route = client.explainRoute(request);
      const missing = request.needs.find((need) => OPTIONAL.includes(need));
      if (missing === undefined) return route;
      const rejected = { fits: false, code: "UNSUPPORTED", reason: `${NOT_OFFERED} ${missing}` } as const;
      return { vendor: null, candidates: route.candidates.map(({ vendor }) => ({ vendor, ...rejected })) };
    },
  };
}

async function served(world: World, advertised: Advertised) {
  const store = openSqliteStore(":memory:");
  const appOf = (client: RtcClient, key: string) => {
    const check = async (bearer: string) =>
      bearer === key ? { id: key, name: "conformance", readOnly: false } : undefined;
    const { names, recordings, answers } = store;
    const parts = { client, keys: { check }, names, recordings, idempotent: idempotent(answers) };
    return getRequestListener(createGateway(parts).fetch);
  };
  const apps = {
    [KEYS.own]: appOf(world.connect(), KEYS.own),
    [KEYS.stranger]: appOf(world.connectAsStranger(), KEYS.stranger),
    [KEYS.beside]: appOf(world.connectBesideAnother(), KEYS.beside),
  };
  const elsewhere = appOf(world.connectElsewhere(), KEYS.own);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "";
    const isElsewhere = url.startsWith(ELSEWHERE);
    request.url = isElsewhere ? url.slice(ELSEWHERE.length) : url;
    if (advertised === "core only" && isOptional(request.url)) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Not Found"}');
      return;
    }
    const key = (request.headers.authorization ?? "").replace("Bearer ", "");
    await (isElsewhere ? elsewhere : (apps[key] ?? elsewhere))(request, response);
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
      store.close();
    },
  };
}
