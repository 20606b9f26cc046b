import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/lib/chromium.mts";
import { atEndOfFile } from "../support/cleanup.ts";
import { RunningGateway } from "../support/gateway.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join as joinRoom } from "../support/participants.ts";

const KEY = "a-trial-key-of-this-test";
const HOSTILE = '<img src=x onerror="alert(1)">\u202eevil';
const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

const executablePath = findChromium() ?? "";
if (executablePath === "")
  console.info("The page was NOT TESTED: there is no Chromium on the PATH (apt install chromium).");

let server: LivekitServer;
let gateway: RunningGateway;
let browser: Browser;
/** What a browser has complained about: errors of scripts, violations of the policy, warnings. */
const complaints: string[] = [];
const asked = new Set<string>();

/** A browser window of another person, with cameras and microphones that show test pictures. */
async function openWindow(more: { colorScheme?: "dark"; width?: number } = {}): Promise<Page> {
  const { colorScheme = "light", width = 1_280 } = more;
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("request", (request) => asked.add(new URL(request.url()).host));
  page.on("websocket", (socket) => asked.add(new URL(socket.url()).host));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
  return page;
}

/** Joins a room in a page, as a person does. */
async function joinIn(page: Page, room: string, identity: string, ...devices: string[]): Promise<void> {
  await page.getByRole("button", { name: `Join ${room}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Identity").fill(identity);
  for (const device of devices) await dialog.getByLabel(device).check();
  await dialog.getByRole("button", { name: "Join" }).click();
  await page.getByRole("region", { name: `${room} as ${identity}` }).waitFor();
}

const sessionIn = (page: Page, name: string) => page.getByRole("region", { name });
const roomIn = (page: Page, name: string) => page.getByRole("article", { name });

/** Waits until a session shows a picture of a participant that moves. */
async function expectPicture(page: Page, session: string, identity: string): Promise<void> {
  const tile = sessionIn(page, session).locator(".lk-participant-tile", { hasText: identity });
  const video = tile.locator("video");
  const at = () =>
    video.evaluate((one) => {
      const { videoWidth, currentTime } = one as unknown as { videoWidth: number; currentTime: number };
      return videoWidth > 0 ? currentTime : 0;
    });
  await expect.poll(at, { timeout: 30_000 }).toBeGreaterThan(0);
  const before = await at();
  await expect.poll(at).toBeGreaterThan(before);
}

/** What axe finds: missing labels, too little contrast, wrong roles. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

describe.runIf(executablePath !== "")("The page of a gateway", () => {
  beforeAll(async () => {
    server = await startLivekit({ egress: "worker" });
    gateway = await RunningGateway.start({ env: { ...server.env, RTC_GATEWAY_KEY: KEY } });
    const media = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", ...media],
    });
    atEndOfFile(() => browser.close());
    const made = await gateway.ask("/v1/rtc/room/create", { body: { name: "standup", max_participants: 9 } });
    expect(made.status).toBe(200);
    await server.service.createRoom({ name: HOSTILE });
  });

  test("joins rooms in two windows that show each other, and shows participants, recordings, vendors and errors", async () => {
    const start = { room: "standup", output_uri: "out/standup/" };
    expect(await gateway.ask("/v1/rtc/recording/start", { body: start })).toMatchObject({ status: 200 });
    const kick = { room: "standup", identity: "nemo" };
    expect(await gateway.ask("/v1/rtc/participant/kick/standup", { body: kick })).toMatchObject({
      status: 404,
    });

    // The address that a script prints has the key, which leaves the address bar; elsewhere one types it.
    const alice = await openWindow();
    await alice.goto(`${gateway.address}/#key=${KEY}`);
    await roomIn(alice, "standup").waitFor();
    expect(alice.url()).toBe(`${gateway.address}/`);
    const bob = await openWindow({ colorScheme: "dark", width: 360 });
    await bob.goto(gateway.address);
    await bob.getByLabel("Key").fill("another-key-than-that");
    await bob.getByRole("button", { name: "Open" }).click();
    await bob.getByText("UNAUTHENTICATED: the gateway does not accept this key").waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining("401")]);
    expect(await faultsOf(bob)).toEqual([]);
    await bob.getByLabel("Key").fill(KEY);
    await bob.getByRole("button", { name: "Open" }).click();

    await roomIn(bob, "standup").getByText("starting").waitFor();
    await joinIn(alice, "standup", "alice", "Camera", "Microphone");
    await joinIn(bob, "standup", "bob", "Camera");
    await expectPicture(bob, "standup as bob", "alice");
    await expectPicture(alice, "standup as alice", "bob");
    await joinIn(alice, "standup", "carol");
    await expectPicture(alice, "standup as carol", "bob");
    for (const page of [alice, bob]) {
      const room = roomIn(page, "standup");
      for (const one of ["alice", "bob", "carol"]) await room.getByText(one).waitFor();
      await room.getByText("active").waitFor();
      await page
        .getByRole("listitem", { name: "Recording of livekit:standup" })
        .getByText("active")
        .waitFor();
    }

    const vendors = alice.getByRole("region", { name: "Vendors" });
    await vendors.getByRole("listitem", { name: "livekit" }).getByText("available for rooms").waitFor();
    const agora = vendors.getByRole("listitem", { name: "agora" });
    expect(await agora.count(), "in full on demand only").toBe(0);
    await vendors.getByText("Not configured: agora, zego").click();
    await agora.getByText("AGORA_APP_ID").first().waitFor();
    const activity = alice.getByRole("region", { name: "Activity" });
    await activity
      .getByText(/\d\.\d a second/)
      .first()
      .waitFor();
    await activity.getByText("NOT_FOUND").waitFor();
    await activity.getByText("rtc.participant.kick").waitFor();

    for (const page of [alice, bob]) expect(await faultsOf(page)).toEqual([]);
    const width = await bob.evaluate<number>("document.documentElement.scrollWidth");
    expect(width, "of a phone, without a bar to scroll sideways").toBe(360);

    // A participant leaves by the button, and the server ends what is left.
    await sessionIn(alice, "standup as carol").getByRole("button", { name: "Leave" }).click();
    await expect.poll(() => sessionIn(alice, "standup as carol").count()).toBe(0);
    await server.service.deleteRoom("standup");
    await bob.getByText("bob is no longer in standup: room deleted.").waitFor();
    await expect.poll(() => roomIn(alice, "standup").count()).toBe(0);

    await bob.getByRole("button", { name: "Forget the key" }).click();
    await bob.reload();
    await bob.getByLabel("Key").waitFor();
    expect(complaints).toEqual([]);
    expect([...asked].sort()).toEqual([new URL(gateway.address).host, new URL(server.url).host].sort());
  });

  test("shows names of others as text, and a room of a stack also while it is closed", async () => {
    const { body } = await gateway.ask("/v1/rtc/token/issue", {
      body: { room: `livekit:${HOSTILE}`, identity: HOSTILE },
    });
    await joinRoom(server.url, (body as { token: string }).token);
    const page = await openWindow();
    const rooms = [`livekit:${HOSTILE}`, "livekit:town-hall"].map(
      (room) => `&room=${encodeURIComponent(room)}`,
    );
    await page.goto(`${gateway.address}/#key=${KEY}&stack=${encodeURIComponent(HOSTILE)}${rooms.join("")}`);
    const shown = '<img src=x onerror="alert(1)">\\u{202e}evil';
    const room = page.getByRole("article").first();
    await page.getByRole("heading", { name: `Rooms of ${shown}`, exact: true }).waitFor();
    await room.getByRole("heading", { name: shown }).waitFor();
    await room.getByLabel("Participants").getByText(shown).first().waitFor();
    expect(await page.locator("img").count()).toBe(0);
    await roomIn(page, "town-hall").getByText("closed").waitFor();
    await joinIn(page, "town-hall", "dora");
    await roomIn(page, "town-hall").getByText("dora").waitFor();
    await sessionIn(page, "town-hall as dora").getByText("carries only the name of room town-hall").waitFor();
    expect(complaints).toEqual([]);
  });

  test("is served under a policy that names the gateway and its servers only, and gives nothing without a key", async () => {
    const page = await gateway.ask("/", { key: null, headers: { accept: "text/html" } });
    const address = new URL(server.url).host;
    expect(page.headers.get("content-security-policy")).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' http://${address} ws://${address}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(page.body).not.toContain(KEY);
    expect(await gateway.ask("/errors", { key: null })).toMatchObject({ status: 401 });
    const script = await gateway.ask("/page/page.js", { key: null });
    const etag = script.headers.get("etag") ?? "";
    expect(await gateway.ask("/page/page.js", { headers: { "if-none-match": etag } })).toMatchObject({
      status: 304,
      body: "",
    });
  });
});
