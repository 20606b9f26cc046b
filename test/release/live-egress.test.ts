import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, inject, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { freePort } from "../../scripts/lib/ports.mts";
import { killAtTheEnd } from "../support/cleanup.ts";
import { repo } from "../support/clone.ts";

const configuration = z.object({ api_key: z.string(), api_secret: z.string(), ws_url: z.string() });

/** The recipe for a real egress worker, with the stand-in in the place of Redis and the worker. */
test("the scenes of recordings are played against a worker that is started with the configuration that the script writes", {
  timeout: 600_000,
}, async () => {
  const redisPort = await freePort("tcp");
  const { LIVEKIT_URL: _, RTC_LIVE: __, ...environment } = process.env;
  const script = spawn(process.execPath, [join(repo, "scripts/live-egress.mts")], {
    env: { ...environment, RTC_LIVE_EGRESS: `127.0.0.1:${redisPort}`, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  killAtTheEnd(() => script.kill("SIGKILL"));
  let output = "";
  for (const stream of [script.stdout, script.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const lines = createInterface(script.stderr);
  let file: string | undefined;
  for await (const line of lines) {
    file = /EGRESS_CONFIG_FILE=(\S+) egress/.exec(line)?.[1];
    if (file !== undefined) break;
  }
  const { ws_url: url, ...keys } = configuration.parse(parse(readFileSync(file ?? "", "utf8")));
  const args = [
    ...["--redis-port", String(redisPort), "--livekit-url", url, "--output-dir", inject("scratch")],
  ];
  const worker = spawn(inject("engines").egressStandin, args, {
    env: { ...process.env, LIVEKIT_API_KEY: keys.api_key, LIVEKIT_API_SECRET: keys.api_secret },
    stdio: ["pipe", "ignore", "ignore"],
  });
  killAtTheEnd(() => worker.kill("SIGKILL"));
  const [code] = await once(script, "close");
  worker.stdin.end();
  expect(output, output).toMatch(/Tests {2}\d+ passed/);
  expect(code).toBe(0);
});

test("reports what to set without an address, and with one of another machine", async () => {
  for (const address of ["", "redis.example.com:6379"]) {
    const script = spawn(process.execPath, [join(repo, "scripts/live-egress.mts")], {
      env: { ...process.env, RTC_LIVE_EGRESS: address },
    });
    let output = "";
    script.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const [code] = await once(script, "close");
    expect(code).toBe(1);
    expect(output).toContain("RTC_LIVE_EGRESS=127.0.0.1:6379 node scripts/live-egress.mts");
  }
});
