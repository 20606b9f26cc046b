import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { findChromium } from "../../scripts/lib/chromium.mts";
import { run } from "../../scripts/lib/process.mts";
import { RunningGateway } from "../support/gateway.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join as enter } from "../support/participants.ts";
import { roomAt } from "../support/rooms.ts";
import { roomsOf } from "../support/world.ts";

const KEY = "a-trial-key-of-this-test";

let server: LivekitServer;
let gateway: RunningGateway;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  gateway = await RunningGateway.start({ env: { ...server.env, RTC_GATEWAY_KEY: KEY } });
});

/** What every Python script begins with: the standard library, and nothing else. */
const PYTHON = `
import json, os, urllib.error, urllib.parse, urllib.request

def ask(method, path, body=None, **headers):
    request = urllib.request.Request(
        os.environ["GATEWAY"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status, "body": json.load(answer)}
    except urllib.error.HTTPError as rejected:
        return {"status": rejected.code, "type": rejected.headers["Content-Type"], "body": json.load(rejected)}

def part(name):
    return urllib.parse.quote(name, safe="")
`;

/** Runs a Python script that leaves its result in `result`. */
async function python(source: string): Promise<unknown> {
  const file = join(mkdtempSync(join(inject("scratch"), "python-")), "session.py");
  writeFileSync(file, `${PYTHON}\n${source}\nprint(json.dumps(result))\n`);
  const env = { PATH: process.env["PATH"], GATEWAY: gateway.address, KEY };
  // -I: none of the machine's own packages or settings.
  const { code, stdout, stderr } = await run("python3", ["-I", file], { env });
  if (code !== 0) throw new Error(`The script exited with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

describe("A session with nothing but Python's standard library", () => {
  test("makes rooms, also with odd names, pages through them, and deletes them.", async () => {
    const names = ["py-1", "py-2", "...", "py/3", "py ü%"];
    const result = await python(`
names = ${JSON.stringify(names)}
made = [ask("POST", "/v1/rtc/room/create", {"name": name}) for name in names]
pages, cursor = [], None
while True:
    query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
    page = ask("GET", "/v1/rtc/room/list?" + urllib.parse.urlencode(query))["body"]
    pages.append([room["name"] for room in page["items"]])
    cursor = page.get("next_cursor")
    if cursor is None: break
got = [ask("GET", "/v1/rtc/room/get/" + part(name)) for name in names]
asked = {"name": "py-set", "max_participants": 3, "empty_timeout_s": 60, "metadata": {"teamLead": "ada"}}
full = ask("POST", "/v1/rtc/room/create", asked)
again = ask("POST", "/v1/rtc/room/create", asked)
other = ask("POST", "/v1/rtc/room/create", {**asked, "max_participants": 4})
updated = ask("POST", "/v1/rtc/room/update/py-set", {"metadata": {"teamLead": "bob"}})
wrong = ask("POST", "/v1/rtc/room/create", {"name": "", "max_participant": 3})
deleted = [ask("DELETE", "/v1/rtc/room/delete/" + part(name)) for name in names + ["py-set", "py-never"]]
result = {"made": made, "pages": pages, "got": got, "full": full, "again": again, "other": other, "updated": updated, "wrong": wrong, "deleted": deleted}
`);
    expect(result).toMatchObject({
      made: names.map((name) => ({ status: 200, body: { room: `livekit:${name}`, state: "open" } })),
      got: names.map((name) => ({ status: 200, body: { name, num_participants: 0 } })),
      full: { body: { max_participants: 3, empty_timeout_s: 60, metadata: { teamLead: "ada" } } },
      other: { status: 409, type: "application/problem+json", body: { code: "ALREADY_EXISTS" } },
      updated: { status: 200, body: { metadata: { teamLead: "bob" }, max_participants: 3 } },
      wrong: { status: 400, body: { errors: [{ pointer: "/name" }, { pointer: "/max_participant" }] } },
      deleted: Array.from({ length: names.length + 2 }, () => ({ status: 200, body: { ok: true } })),
    });
    const { pages, full, again } = result as { pages: string[][]; full: object; again: object };
    expect(again).toEqual(full);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().sort()).toEqual([...names].sort());
    expect(await roomsOf(server)).toEqual({});
  });

  test("admits a participant with a token, lists, records and removes them.", async () => {
    const { issued, started } = (await python(`
ask("POST", "/v1/rtc/room/create", {"name": "py-call"})
issued = ask("POST", "/v1/rtc/token/issue", {"room": "py-call", "identity": "alice", "display_name": "Alice", "ttl_s": 60})["body"]
started = ask("POST", "/v1/rtc/recording/start", {"room": "py-call", "output_uri": "out/py.mp4"})["body"]
result = {"issued": issued, "started": started}
`)) as { issued: { token: string }; started: { recording: string } };
    expect(issued).toMatchObject({ room: "livekit:py-call", identity: "alice" });
    expect(started).toMatchObject({ room: "livekit:py-call", status: "starting", layout: "grid" });
    const alice = await enter(server.url, issued.token);
    const recording = JSON.stringify(started.recording);
    const result = await python(`
people = ask("GET", "/v1/rtc/participant/list/py-call")
capable = ask("GET", "/v1/discovery/rtc.recording.start")
running = ask("GET", "/v1/rtc/recording/list?room=py-call&active=true")
stopped = ask("POST", "/v1/rtc/recording/stop/" + part(${recording}))
kick = lambda room: ask("POST", "/v1/rtc/participant/kick/py-call", {"room": room, "identity": "alice"})
elsewhere, kicked = kick("py-other"), kick("py-call")
result = {"people": people, "capable": capable, "running": running, "stopped": stopped, "elsewhere": elsewhere, "kicked": kicked}
`);
    await alice.disconnected;
    expect(result).toMatchObject({
      people: {
        body: { items: [{ identity: "alice", display_name: "Alice", joined_at: expect.any(String) }] },
      },
      capable: { body: { vendors: [{ vendor: "livekit", available: true }, {}, {}] } },
      running: { body: { items: [{ recording: started.recording }] } },
      stopped: { status: 200, body: { recording: started.recording } },
      elsewhere: { status: 400, body: { errors: [{ pointer: "/room" }] } },
      kicked: { status: 200, body: { ok: true } },
    });
  });
});

test("A session with curl makes a room called .., repeats itself without effect, and deletes it.", async () => {
  const curl = async (method: string, path: string, ...more: string[]) => {
    const args = ["-sS", "-i", "--path-as-is", "-X", method, "-H", `Authorization: Bearer ${KEY}`, ...more];
    const { code, stdout, stderr } = await run("curl", [...args, `${gateway.address}${path}`]);
    expect(code, stderr).toBe(0);
    const [head = "", ...body] = stdout.split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), head, body: JSON.parse(body.join("")) };
  };
  const json = ["-H", "Content-Type: application/json", "-d", '{"name":".."}'];
  const key = ["-H", 'Idempotency-Key: "curl-1"'];
  const made = await curl("POST", "/v1/rtc/room/create", ...json, ...key);
  expect(made).toMatchObject({ status: 200, body: { room: "livekit:..", name: ".." } });
  const again = await curl("POST", "/v1/rtc/room/create", ...json, ...key);
  expect(again.body).toEqual(made.body);
  expect(again.head.toLowerCase()).toContain("idempotent-replayed: true");
  expect(await roomAt(server, "..")).toBeDefined();
  expect(await curl("GET", "/v1/rtc/room/get/%2E%2E")).toMatchObject({ status: 200, body: { name: ".." } });
  expect(await curl("GET", "/v1/rtc/room/get/..")).toMatchObject({ status: 200, body: { name: ".." } });
  const plain = await curl("POST", "/v1/rtc/room/create", "-d", '{"name":"plain"}');
  expect(plain, "curl sends it as a form").toMatchObject({ status: 415, body: { status: 415 } });
  expect(await curl("DELETE", "/v1/rtc/room/delete/%2e%2e")).toMatchObject({
    status: 200,
    body: { ok: true },
  });
  expect(await roomAt(server, "..")).toBeUndefined();
});

const browser = findChromium();
if (browser === undefined)
  console.info("The page at /docs was NOT TESTED: there is no Chromium on the PATH (apt install chromium).");

test.runIf(browser)(
  "A browser shows the reference at /docs, all of it from the gateway, and tries a route out.",
  { timeout: 300_000 },
  async () => {
    const open = await chromium.launch({
      executablePath: browser ?? "",
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await open.newPage();
      page.setDefaultTimeout(90_000);
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${gateway.address}/docs`);
      await page.locator(".opblock").nth(13).waitFor();
      expect(await page.title()).toBe("rtc gateway: reference");
      expect(await page.locator(".opblock").count()).toBe(14);
      const routeOf = (path: string) => page.locator(".opblock", { hasText: path });
      await routeOf("/v1/rtc/room/create").locator(".opblock-summary-control").click();
      await page
        .getByText("The most participants at once, 1 or more; agents and recorders do not count.")
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Authorize" }).first().click();
      const keys = page.locator(".modal-ux");
      await keys.getByRole("textbox").fill(KEY);
      await keys.getByRole("button", { name: "Apply credentials" }).click();
      await keys.getByRole("button", { name: "Close" }).click();
      const list = routeOf("/v1/rtc/room/list");
      await list.locator(".opblock-summary-control").click();
      await list.getByRole("button", { name: "Try it out" }).click();
      await list.getByRole("button", { name: "Execute" }).click();
      await expect.poll(() => list.locator(".live-responses-table").textContent()).toContain('"items"');
      expect(complaints).toEqual([]);
      expect(asked.length).toBeGreaterThan(4);
      expect(asked.filter((url) => !url.startsWith(gateway.address) && !url.startsWith("data:"))).toEqual([]);
    } finally {
      await open.close();
    }
  },
);
