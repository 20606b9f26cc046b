import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { run } from "../../scripts/lib/process.mts";
import { killAtTheEnd } from "../support/cleanup.ts";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { blocksOf, forServer } from "../support/markdown.ts";

const blocks = blocksOf(join(repo, "docs/gateway.md"), "docs/gateway.md");

let server: LivekitServer;
let port: number;
let folder: string;
let env: Record<string, string | undefined>;

/** A shell that is left open in the next block: what one exports is there for the others. */
function typed(block: string): string {
  const text = forServer(block, server)
    .replaceAll("the-secret", server.apiSecret)
    .replaceAll("8080", String(port));
  return `if [ -f .exported ]; then . ./.exported; fi\n${text}\nexport -p > .exported\n`;
}

beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  port = await freePort("tcp");
  folder = mkdtempSync(join(inject("scratch"), "gateway-docs-"));
  mkdirSync(join(folder, "bin"));
  const command = join(folder, "bin/rtc");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(repo, "dist/cli/main.js")}" "$@"\n`);
  chmodSync(command, 0o755);
  env = { PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter), HOME: folder };
});

/** What must hold after a block has run, by a part of its text; `said` is its output. */
const stories: Record<string, (said: string) => void> = {
  "/v1/rtc/token/issue": (said) => {
    expect(said).toContain('"room":"livekit:standup"');
    expect(said).toContain('"token":"eyJ');
    expect(said).toContain('"items":[{"room":"livekit:standup"');
    expect(said).toContain('"ok":true');
  },
  "Idempotency-Key:": (said) => {
    const [first, second, ...others] = said.trim().split(/(?<=\})(?=\{"room")/);
    expect(first).toContain('"room":"livekit:exam"');
    expect([second, others]).toEqual([first, []]);
  },
  "/v1/rtc/recording/start": (said) => {
    expect(said.match(/"metadata":\{"course":7\}/g), "when it is started, and in the list").toHaveLength(2);
  },
  "rtc gateway keys list": (said) => {
    expect(said).toMatch(/^rtc_\w+/);
    expect(said).toMatch(/exams +all +exam- +s3:\/\/acme\/exams\/ +\d{4}-/);
    expect(said).toContain("dashboard is revoked");
  },
  "/readyz": (said) => {
    expect(said).toContain('"ready":true');
    expect(said).toContain("rtc_gateway_requests_total");
    expect(said).toContain('{"items":[');
  },
};

/** Leaves a server running, in a process group of its own, until the end of the file. */
async function serve(script: string): Promise<void> {
  const { pid = 0 } = spawn("bash", ["-e", "-c", script], {
    cwd: folder,
    env,
    detached: true,
    stdio: "ignore",
  });
  killAtTheEnd(() => process.kill(-pid, "SIGKILL"));
  const lives = () => fetch(`http://127.0.0.1:${port}/livez`).then(({ ok }) => ok);
  await vi.waitFor(async () => expect(await lives()).toBe(true), { timeout: 60_000 });
}

describe("Every command of docs/gateway.md works, in the order in which one reads them:", () => {
  test.each(blocks)("$place $title", async ({ language, words, text }) => {
    expect(language).toBe("sh");
    if (words.includes("server")) return serve(typed(text));
    const { code, stdout, stderr } = await run("bash", ["-e", "-c", typed(text)], { cwd: folder, env });
    if (code !== 0) throw new Error(`Exit code ${code}:\n${stdout}\n${stderr}`);
    for (const [part, story] of Object.entries(stories)) if (text.includes(part)) story(stdout);
  });

  test("and no story is about a block that is not there", () => {
    const told = (part: string) => blocks.some(({ text }) => text.includes(part));
    expect(Object.keys(stories).filter((part) => !told(part))).toEqual([]);
  });
});
