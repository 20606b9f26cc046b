import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "./lib/chromium.mts";
import { readSettings, root } from "./lib/local.mts";
import { type PageStack, pageAddress } from "./lib/page.mts";
import { Problem, runScript } from "./lib/problem.mts";
import { waitUntil } from "./lib/process.mts";
import { stackTitle } from "./lib/stack.mts";

/* Takes the pictures of docs/images from the page of a stack that runs: npm run up && node scripts/screenshots.mts */

const folder = join(root, "docs/images");

/** Joins a room in a page, and waits for its picture. */
async function joinIn(page: Page, room: string, identity: string): Promise<void> {
  await page.getByRole("button", { name: `Join ${room}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Identity").fill(identity);
  await dialog.getByLabel("Camera").check();
  await dialog.getByRole("button", { name: "Join" }).click();
  await page
    .getByRole("region", { name: `${room} as ${identity}` })
    .locator("video")
    .first()
    .waitFor();
}

/** Whether a page shows the pictures of two participants. */
async function showsPictures(page: Page): Promise<boolean> {
  const widths = await page
    .locator("video")
    .evaluateAll((videos) =>
      (videos as unknown as { videoWidth: number }[]).map(({ videoWidth }) => videoWidth),
    );
  return widths.filter((width) => width > 0).length === 2;
}

await runScript(async () => {
  const settings = await readSettings();
  const executablePath = findChromium();
  if (!settings?.page) throw new Problem("There is no page.", "First npm run up, then this again.");
  if (!executablePath) throw new Problem("There is no Chromium on the PATH.", "Install chromium.");
  const { port, key } = settings.page;
  const rooms = ["standup", "support", "town-hall"].map((name) => `livekit:${name}`);
  const stack = { name: await stackTitle(), rooms };
  const gateway = `http://127.0.0.1:${port}`;
  const media = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", ...media],
  });
  try {
    await mkdir(folder, { recursive: true });
    const open = async (colorScheme: "light" | "dark", width: number, shown?: PageStack) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 850 } });
      const page = await context.newPage();
      await page.goto(pageAddress(gateway, key, shown));
      await page.getByRole("article").first().waitFor();
      return page;
    };
    const [alice, bob] = [await open("light", 1_000, stack), await open("dark", 390, stack)];
    await joinIn(bob, "town-hall", "bob");
    await joinIn(alice, "town-hall", "alice");
    for (const page of [alice, bob]) await waitUntil(() => showsPictures(page), 20_000);
    const room = alice.getByRole("article", { name: "town-hall" });
    await room.getByText("active").waitFor();
    await room.getByText("bob").waitFor();
    await alice.screenshot({ path: join(folder, "page.png") });
    await bob.screenshot({ path: join(folder, "page-phone.png") });
    // Otherwise the server takes them for disconnected, and keeps them for a while.
    for (const page of [alice, bob]) await page.getByRole("button", { name: "Leave" }).click();
    // A failed request, which the page lists.
    const headers = { authorization: `Bearer ${key}` };
    await fetch(`${gateway}/v1/rtc/room/get/no-such-room`, { headers });
    const operator = await open("dark", 1_000);
    const activity = operator.getByRole("region", { name: "Activity" });
    await activity.getByText("rtc.room.get").first().waitFor();
    await activity
      .getByText(/[\d.]+ a second/)
      .first()
      .waitFor();
    await operator.screenshot({ path: join(folder, "page-gateway.png"), fullPage: true });
  } finally {
    await browser.close();
  }
});
