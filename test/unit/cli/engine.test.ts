import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Engine, withStack } from "../../../src/cli/stack/engine.ts";

/** A `pulumi` on the PATH without a stack; an answer is what it writes to stderr before it fails. */
function pulumiAnswering(answers: Record<string, string>): { folder: string; calls(): string[] } {
  const folder = mkdtempSync(join(tmpdir(), "rtc-engine-"));
  const all = { "config *": "error: no stack named 'dev' found", ...answers };
  const cases = Object.entries(all).map(([call, message]) => {
    const pattern = call.split("*").map((part) => (part === "" ? "" : `"${part}"`));
    return `${pattern.join("*")}) echo "${message}" >&2; exit 255 ;;`;
  });
  const lines = ["#!/bin/sh", `echo "$*" >> "${folder}/calls"`, 'case "$*" in', ...cases];
  lines.push("version*) echo v3.200.0 ;;", "*) echo '{}' ;;", "esac", "");
  writeFileSync(join(folder, "pulumi"), lines.join("\n"), { mode: 0o755 });
  writeFileSync(join(folder, "Pulumi.yaml"), "name: acme\nruntime: nodejs\n");
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const calls = () => readFileSync(join(folder, "calls"), "utf8").split("\n");
  return { folder, calls };
}

const withDev = <T>(folder: string, run: (engine: Engine) => Promise<T>) =>
  withStack({ folder, stack: "dev" }, run);

test("Goes on where another first run has created the stack meanwhile", async () => {
  const { folder } = pulumiAnswering({ "stack init*": "error: stack 'dev' already exists" });
  expect(await withDev(folder, (engine) => engine.init())).toBe(false);
});

test("Fails where the stack cannot be created", async () => {
  const { folder } = pulumiAnswering({ "stack init*": "error: the backend is read-only" });
  await expect(withDev(folder, (engine) => engine.init())).rejects.toThrow("the backend is read-only");
});

test("Removes a stack with its backups, which an older Pulumi keeps", async () => {
  const current = pulumiAnswering({});
  await withDev(current.folder, (engine) => engine.remove());
  expect(current.calls().filter((call) => call.startsWith("stack rm"))).toEqual([
    "stack rm --yes --preserve-config --remove-backups --stack dev --non-interactive",
  ]);
  const older = pulumiAnswering({ "*--remove-backups*": "error: unknown flag: --remove-backups" });
  await withDev(older.folder, (engine) => engine.remove());
  expect(older.calls().filter((call) => call.startsWith("stack rm"))).toHaveLength(2);
});
