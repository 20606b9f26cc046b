import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { type Browser, chromium } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/lib/chromium.mts";
import { atEndOfFile } from "../support/cleanup.ts";
import { borrowPackages, cloneRepo, repo } from "../support/clone.ts";

if (findChromium() === undefined)
  console.info("The site was NOT TESTED: there is no Chromium on the PATH (apt install chromium).");

const pages = readdirSync(join(repo, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => name.replace(/\.md$/, ""));
let clone: string;
let built: string;

beforeAll(() => {
  clone = cloneRepo();
  execFileSync("npm", ["run", "docs:site"], { cwd: clone, stdio: "pipe" });
  built = join(clone, "site/.vitepress/dist");
});

test("The configuration and the theme of the site have no type errors.", () => {
  borrowPackages(clone);
  execFileSync("npx", ["--no-install", "tsc", "-p", "site"], { cwd: clone, stdio: "pipe" });
});

describe("Every link of the site", () => {
  const html = (page: string) => readFileSync(join(built, `${page}.html`), "utf8");
  const idsOf = (page: string) => new Set([...html(page).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const linksOf = (page: string) =>
    [...html(page).matchAll(/<a\b[^>]*? href="([^"]+)"/g)].map(([, href = ""]) =>
      href.replaceAll("&amp;", "&"),
    );

  test.each(pages)("on the page %s leads to a page, and to a heading of it", (page) => {
    const internal = linksOf(page).filter((href) => !/^[a-z]+:/.test(href));
    expect(internal.length).toBeGreaterThan(pages.length);
    const broken = internal.filter((href) => {
      const { pathname, hash } = new URL(href, `http://site/${page === "index" ? "" : page}`);
      const target = pathname === "/" ? "index" : decodeURIComponent(pathname.slice(1));
      return (
        !pages.includes(target) || (hash !== "" && !idsOf(target).has(decodeURIComponent(hash.slice(1))))
      );
    });
    expect(broken).toEqual([]);
  });

  test("into the repository leads to a file there", () => {
    const prefix = /^https:\/\/github\.com\/pulumi-rtc\/pulumi-rtc\/blob\/main\/([^#]*)/;
    const files = pages.flatMap(linksOf).flatMap((href) => prefix.exec(href)?.[1] ?? []);
    expect(files).toContain("CONTRIBUTING.md");
    expect(files.filter((file) => !existsSync(join(repo, file)))).toEqual([]);
  });

  test("of the navigation leads to one page each, and each page shows its place in it", () => {
    const listed = linksOf("reference").map((href) => (href === "/" ? "index" : href.slice(1)));
    expect(pages.filter((page) => !listed.includes(page))).toEqual([]);
  });
});

describe.skipIf(findChromium() === undefined)("In Chromium the site", () => {
  let browser: Browser;
  let address: string;
  beforeAll(async () => {
    const app = new Hono().use(
      serveStatic({
        root: built,
        rewriteRequestPath: (path) => (/\/$|\.\w+$/.test(path) ? path : `${path}.html`),
      }),
    );
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
    atEndOfFile(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const listening = server.address();
    address = `http://127.0.0.1:${typeof listening === "object" ? listening?.port : ""}`;
    browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
    atEndOfFile(() => browser.close());
  });

  test("finds a page by a word on it, draws the diagram of each page that has one, and asks no other server", async () => {
    const page = await browser.newPage();
    const elsewhere: string[] = [];
    const failures: string[] = [];
    page.on("request", (request) => request.url().startsWith(address) || elsewhere.push(request.url()));
    page.on(
      "response",
      (response) => response.ok() || failures.push(`${response.status()} ${response.url()}`),
    );
    page.on("pageerror", (error) => failures.push(error.message));

    await page.goto(address);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("lone surrogate");
    await page.getByRole("link", { name: /differs between versions of Pulumi/ }).click();
    await page.waitForURL("**/versions*");
    // The address changes before the page does.
    await page.locator("main").getByText("(a lone surrogate)").first().waitFor();

    const drawn = pages.filter((name) =>
      readFileSync(join(repo, `docs/${name}.md`), "utf8").includes("```mermaid"),
    );
    expect(drawn.length).toBeGreaterThan(4);
    for (const name of drawn) {
      await page.goto(`${address}/${name}`);
      await page.locator(".diagram svg .node, .diagram svg .actor").first().waitFor();
      expect(await page.locator(".diagram").innerText()).not.toContain("Syntax error");
      // A label that is higher than its box is cut off.
      const cut = await page.evaluate<string[]>(`
        [...document.querySelectorAll(".diagram foreignObject")]
          .filter((box) => box.firstElementChild.getBoundingClientRect().height > box.getBoundingClientRect().height + 1)
          .map(({ textContent }) => textContent)`);
      expect(cut, name).toEqual([]);
    }
    expect([elsewhere, failures]).toEqual([[], []]);
  });
});
