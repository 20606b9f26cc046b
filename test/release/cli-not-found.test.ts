import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { atEndOfFile } from "../support/cleanup.ts";
import { forward, readAll } from "../support/forwarding.ts";
import { RunningGateway } from "../support/gateway.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";

const KEY = "canary-key-of-the-gateway";

/** What a proxy makes of the path of a request; undefined: it has nothing there. */
type Route = (path: string) => string | undefined;

/** A reverse proxy in front of a server, which changes paths. */
async function startRouter(target: string): Promise<{ url: string; route: Route }> {
  const upstream = new URL(target.replace("ws:", "http:"));
  const router = { url: "", route: ((path) => path) as Route };
  const server = createServer(async (incoming, outgoing) => {
    const body = await readAll(incoming);
    const path = router.route(incoming.url ?? "");
    if (path === undefined) return void outgoing.writeHead(404).end("default backend - 404");
    incoming.url = path;
    const answer = await forward(upstream, incoming, body);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(await readAll(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  atEndOfFile(() => {
    server.closeAllConnections();
    server.close();
  });
  router.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return router;
}

/** As some proxies do: `%2F` arrives as `/`, and what follows a `#` is lost. */
const decode: Route = (path) => decodeURIComponent(path);

/** The sids of a server's rooms, by name. */
async function sidsOf({ service }: LivekitServer): Promise<Record<string, string>> {
  return Object.fromEntries((await service.listRooms()).map(({ name, sid }) => [name, sid]));
}

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
  await server.service.createRoom({ name: "", emptyTimeout: 600 });
});

/** A stack of a room whose name has a slash, its orphan, and all commands while a proxy decodes paths. */
async function play() {
  const credentials = {
    ...{ LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey, LIVEKIT_API_SECRET: server.apiSecret },
    RTC_GATEWAY_KEY: KEY,
  };
  const gateway = await RunningGateway.start({ env: credentials });
  const proxy = await startRouter(gateway.address);
  const folder = new RtcFolder({ RTC_ENDPOINT: proxy.url, RTC_API_KEY: KEY });
  folder.manifest("rooms:", "  slashed: { name: team/a }");
  const created = await folder.json(0, "up");
  const [room] = await server.service.listRooms(["team/a"]);
  await server.service.createRoom({ name: "team/orphan", emptyTimeout: 600, metadata: room?.metadata ?? "" });
  for (const name of ["a", "a#b"]) await server.service.createRoom({ name, emptyTimeout: 600 });
  const before = await sidsOf(server);

  proxy.route = decode;
  const decoded = {
    drift: await folder.run(4, "drift"),
    reconcile: await folder.run(4, "reconcile"),
    get: await folder.run(4, "rooms get livekit:team/a"),
    delete: await folder.run(4, "rooms delete livekit:team/a"),
    deleteOther: await folder.run(4, "rooms delete livekit:a#b"),
    participants: await folder.run(4, "participants livekit:team/a"),
    sweep: await folder.run(4, "sweep --yes"),
    destroy: await folder.run(4, "destroy"),
  };
  const after = await sidsOf(server);

  proxy.route = (path) => path;
  return {
    ...{ created, before, decoded, after },
    driftAgain: await folder.json<{ resources: object[] }>(0, "drift"),
    listed: await folder.json<{ room: string }[]>(0, "rooms list"),
    swept: await folder.json(0, "sweep --yes"),
    destroyed: await folder.json(0, "destroy"),
    atTheEnd: await sidsOf(server),
  };
}

describe("behind a proxy that decodes paths", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("no command reports that a living room is gone, deletes or recreates it", () => {
    expect(Object.keys(s.before).sort()).toEqual(["", "a", "a#b", "team/a", "team/orphan"]);
    expect(s.after).toEqual(s.before);
    for (const [command, { stdout, stderr }] of Object.entries(s.decoded)) {
      expect(stdout + stderr, command).toContain("no proxy in front of the gateway decodes paths");
      expect(stdout + stderr, command).not.toMatch(/is deleted|is gone|1 created|1 deleted|no orphans/);
    }
  });

  test("the room stays in the state, and all is as it was once the proxy is repaired", () => {
    expect(s.driftAgain.resources).toEqual([]);
    expect(s.swept).toMatchObject({ removed: ["livekit:team/orphan"], failed: [] });
    expect(s.destroyed).toMatchObject({ result: "destroyed", remaining: [] });
  });

  test("a room without a name, which others have created, breaks no list, sweep or destroy, and stays", () => {
    const names = ["a", "a#b", "team/a", "team/orphan"];
    expect(s.listed.map(({ room }) => room)).toEqual(names.map((name) => `livekit:${name}`));
    expect(Object.keys(s.atTheEnd).sort()).toEqual(["", "a", "a#b"]);
    expect(s.atTheEnd).toMatchObject({ "": s.before[""] });
  });
});

test("Without a gateway, a room without a name is not listed, not addressed by mistake, and not deleted", async () => {
  const folder = new RtcFolder(server.env);
  for (const { name } of await server.service.listRooms())
    if (name !== "") await server.service.deleteRoom(name);
  await server.service.createRoom({ name: "livekit@eu:", emptyTimeout: 600 });
  await server.service.createRoom({ name: "\u0000 \\", emptyTimeout: 600 });
  const { "": sid } = await sidsOf(server);
  expect(await folder.json(0, "rooms list")).toMatchObject([
    { room: "livekit:\u0000 \\" },
    { room: "livekit:livekit@eu:" },
  ]);
  for (const id of ["livekit:", "livekit@eu:"]) {
    const { stdout, stderr } = await folder.run(2, `rooms delete ${id}`);
    expect([stdout, stderr]).toEqual(["", expect.stringContaining(`${id} has no name after the colon`)]);
  }
  await folder.run(0, "rooms delete livekit:livekit@eu:");
  expect(await sidsOf(server)).toEqual({ "": sid, "\u0000 \\": expect.any(String) });
});

test("A LiveKit server behind a path is called there, and its 404 elsewhere does not mean that a room is gone", async () => {
  const proxy = await startRouter(server.url);
  proxy.route = (path) => /^\/livekit\/sfu(\/.*)/.exec(path)?.[1];
  const at = (url: string) => new RtcFolder({ ...server.env, LIVEKIT_URL: url });
  const folder = at(`${proxy.url.replace("http:", "ws:")}/livekit/sfu/`);
  folder.manifest("rooms:", "  behind: {}");
  await folder.run(0, "up");
  expect(Object.keys(await sidsOf(server))).toContain("behind");
  expect((await folder.json<{ resources: object[] }>(0, "drift")).resources).toEqual([]);
  for (const path of ["", "/livekit/sfu/rtc"]) {
    const { stdout, stderr } = await at(proxy.url + path).run(4, "rooms delete livekit:behind");
    expect(stdout + stderr, path).toMatch(/VENDOR_ERROR.*is it a LiveKit server\? Check rtc:livekitUrl/);
  }
  proxy.route = () => undefined;
  const { stdout, stderr } = await folder.run(4, "drift");
  expect(stdout + stderr).toContain("is it a LiveKit server?");
  proxy.route = (path) => /^\/livekit\/sfu(\/.*)/.exec(path)?.[1];
  await folder.run(0, "destroy");
  expect(Object.keys(await sidsOf(server))).not.toContain("behind");
});
