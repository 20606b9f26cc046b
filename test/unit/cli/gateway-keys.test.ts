import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test, vi } from "vitest";
import { gateway } from "../../../src/cli/commands/gateway.ts";
import { GatewayKeys } from "../../../src/gateway/services/keys.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";

test("Stores keys in the store that is named, also where it is named before them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rtc-keys-"));
  const { exitCode } = process;
  const output = [process.stdout, process.stderr].map((one) => vi.spyOn(one, "write").mockReturnValue(true));
  vi.stubEnv("RTC_GATEWAY_STORE", join(folder, "other.db"));
  onTestFinished(() => {
    for (const spy of output) spy.mockRestore();
    vi.unstubAllEnvs();
    process.exitCode = exitCode;
    rmSync(folder, { recursive: true });
  });
  const [before, behind] = [join(folder, "before.db"), join(folder, "behind.db")];
  const create = ["keys", "create", "ci"];
  const rtc = (...args: string[]) => {
    const program = new Command("rtc").enablePositionalOptions();
    gateway(program);
    return program.parseAsync(["gateway", ...args], { from: "user" });
  };
  await rtc("--store", before, ...create);
  await rtc("--store", before, ...create, "--store", behind);
  for (const file of [before, behind]) {
    const store = openSqliteStore(file);
    const names = (await new GatewayKeys(store.keys).list()).map(({ name }) => name);
    store.close();
    expect(names, file).toEqual(["ci"]);
  }
});
