import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repo } from "../support/clone.ts";

const main = join(repo, "dist/cli/main.js");

/** Runs a line of a shell in which `rtc` is the built command. */
function shell(line: string): Promise<{ code: number; stderr: string }> {
  const script = `rtc() { "$NODE" "$MAIN" "$@"; }\n${line}`;
  const env = { PATH: process.env["PATH"], NODE: process.execPath, MAIN: main };
  return new Promise((resolve) => {
    execFile("bash", ["--norc", "-c", script], { env }, (error, _stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr });
    });
  });
}

describe("a command whose output is lost", () => {
  test("ends as usual and reports nothing where its output is no longer read", async () => {
    const gone = "exec 3> >(:); wait $!;"; // a pipe whose reader has ended
    expect(await shell(`${gone} rtc vendors >&3`)).toEqual({ code: 0, stderr: "" });
  });

  test.runIf(process.platform === "linux")("fails where it cannot be written", async () => {
    expect(await shell("rtc vendors >/dev/full")).toEqual({ code: 1, stderr: "" });
  });
});
