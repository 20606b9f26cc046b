import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { download } from "../../../scripts/lib/download.mts";
import { type EngineHosts, startEngineHosts } from "../../support/engine-hosts.ts";

const folder = mkdtempSync(join(tmpdir(), "pulumi-rtc-download-"));
const limits = { silenceMs: 300, totalMs: 600, maxBytes: 100_000 };
let hosts: EngineHosts;
let host: string;
beforeAll(async () => {
  hosts = await startEngineHosts(folder, { pulumi: "3.0.0", livekit: "1.0.0" });
  host = new URL(hosts.url).host;
  hosts.bodies.set("/text", "what was asked for");
  hosts.bodies.set("/long", "a".repeat(limits.maxBytes + 1));
  for (const fault of ["cut", "endless", "silent"] as const) {
    hosts.bodies.set(`/${fault}`, "a text of some length");
    hosts.faults[`/${fault}`] = fault;
  }
});
afterAll(() => {
  hosts.stop();
  rmSync(folder, { recursive: true });
});

test("a download is the whole body", async () => {
  expect(new TextDecoder().decode(await download(`${hosts.url}/text`, limits))).toBe("what was asked for");
});

test.each([
  ["is not there", "/missing", "HTTP 404"],
  ["breaks off in its middle", "/cut", "other side closed"],
  ["has no answer", "/silent", "no answer for 0.3 s"],
  ["never ends", "/endless", "not complete after 0.6 s"],
  ["is longer than any release", "/long", "longer than 100000 bytes"],
])("a download that %s fails with the host and the reason, and is ended", async (_what, path, reason) => {
  await expect(download(`${hosts.url}${path}`, limits)).rejects.toThrow(new Error(`${host}: ${reason}`));
  await hosts.quiet();
});

test("a download from a server that is absent fails with the reason", async () => {
  const absent = await startEngineHosts(folder, { pulumi: "3.0.0", livekit: "1.0.0" });
  absent.stop();
  await expect(download(`${absent.url}/text`, limits)).rejects.toThrow(/^127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});
