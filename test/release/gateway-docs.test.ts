import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { blocksOf, forServer } from "../support/markdown.ts";
import { OpenShell } from "../support/open-shell.ts";

const blocks = blocksOf(join(repo, "docs/gateway.md"), "docs/gateway.md");

let server: LivekitServer;
let port: number;
let shell: OpenShell;

beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  port = await freePort("tcp");
  const folder = mkdtempSync(join(inject("scratch"), "gateway-docs-"));
  mkdirSync(join(folder, "bin"));
  const command = join(folder, "bin/rtc");
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(repo, "dist/cli/main.js")}" "$@"\n`);
  chmodSync(command, 0o755);
  const env = { PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter), HOME: folder };
  shell = new OpenShell(folder, env);
});

/** What must hold after a block has run, by a part of its text; `output` is its output. */
const stories: Record<string, (output: string) => void> = {
  "/v1/rtc/token/issue": (output) => {
    expect(output).toContain('"room":"livekit:standup"');
    expect(output).toContain('"token":"eyJ');
    expect(output).toContain('"items":[{"room":"livekit:standup"');
    expect(output).toContain('"ok":true');
  },
  "Idempotency-Key:": (output) => {
    const [first, second, ...others] = output.trim().split(/(?<=\})(?=\{"room")/);
    expect(first).toContain('"room":"livekit:exam"');
    expect([second, others]).toEqual([first, []]);
  },
  "/v1/rtc/recording/start": (output) => {
    expect(output.match(/"metadata":\{"course":7\}/g), "when it is started, and in the list").toHaveLength(2);
  },
  "rtc gateway keys list": (output) => {
    expect(output).toMatch(/^rtc_\w+/);
    expect(output).toMatch(/exams +all +exam- +s3:\/\/acme\/exams\/ +\d{4}-/);
    expect(output).toContain("dashboard is revoked");
  },
  "/readyz": (output) => {
    expect(output).toContain('"ready":true');
    expect(output).toContain("rtc_gateway_requests_total");
    expect(output).toContain('{"items":[');
  },
};

describe("Every command of docs/gateway.md works, in the order in which one reads them:", () => {
  test.each(blocks)("$place $title", async ({ language, words, text }) => {
    expect(language).toBe("sh");
    const commands = forServer(text, server).replaceAll("8080", String(port));
    if (words.includes("server")) return shell.serve(commands, `http://127.0.0.1:${port}/livez`);
    const output = await shell.type(commands);
    for (const [part, story] of Object.entries(stories)) if (text.includes(part)) story(output);
  });

  test("and has no story without a block", () => {
    const documented = (part: string) => blocks.some(({ text }) => text.includes(part));
    expect(Object.keys(stories).filter((part) => !documented(part))).toEqual([]);
  });
});
