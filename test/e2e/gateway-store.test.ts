import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, inject, test } from "vitest";
import { repo } from "../support/clone.ts";
import { RunningGateway } from "../support/gateway.ts";
import { rtc } from "../support/rtc.ts";

/** Tokens alone, which are signed without a call. */
const env = {
  AGORA_APP_ID: "0123456789abcdef0123456789abcdef",
  AGORA_APP_CERTIFICATE: "0123456789abcdef0123456789abcdef",
  RTC_GATEWAY_KEY: "a-trial-key-of-this-test",
};

/** Revokes a key where no file can be written, as on a disk that is full. */
function revokeWithoutSpace(cwd: string, key: string): Promise<{ code: number; stderr: string }> {
  const main = join(repo, "dist/cli/main.js");
  const args = ["--fsize=0:", process.execPath, main, "gateway", "keys", "revoke", key];
  return new Promise((resolve) => {
    execFile("prlimit", args, { cwd, env: { PATH: process.env["PATH"] } }, (error, _stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stderr }),
    );
  });
}

test("A key that cannot be revoked, on a full disk or in a locked store, is reported as still valid, and stays valid until it is revoked", async () => {
  const cwd = mkdtempSync(join(inject("scratch"), "gateway-"));
  const key = await RunningGateway.createKey(cwd, "ci");
  const gateway = await RunningGateway.start({ cwd, env });
  const status = async () => (await gateway.ask("/v1/rtc/room/list?limit=1", { key })).status;
  const working = await status();
  expect(working).not.toBe(401);

  const full = await revokeWithoutSpace(cwd, "ci");
  expect(full.stderr).toMatch(
    /^UNAVAILABLE: the key ci is not revoked, and is still valid: the store cannot be written: /,
  );
  expect(full.code).toBe(4);
  expect(await status()).toBe(working);

  const other = new DatabaseSync(join(cwd, "rtc-gateway.db"));
  other.exec("BEGIN IMMEDIATE");
  const locked = await rtc(["gateway", "keys", "revoke", "ci"], { cwd });
  other.close();
  expect(locked.stderr).toContain(
    "is still valid: the store cannot be written: another process has had it locked",
  );
  expect(locked.code).toBe(4);
  expect(await status()).toBe(working);

  expect((await rtc(["gateway", "keys", "revoke", "ci"], { cwd })).code).toBe(0);
  expect(await status()).toBe(401);
  expect(await gateway.end()).toBe(0);
});
