import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { inject } from "vitest";
import { killAtTheEnd } from "./cleanup.ts";

export const repo = resolve(__dirname, "../..");

/**
 * A fresh clone of this repository as it is now, committed or not, in `parent`; without its node_modules, and with
 * nothing to commit.
 */
export function cloneRepo(parent = mkdtempSync(join(inject("scratch"), "clone-"))): string {
  const clone = join(parent, "pulumi-rtc");
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: repo,
    encoding: "utf8",
  });
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(repo, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(repo, file), join(clone, file));
  }
  git(clone, "init", "--quiet");
  git(clone, "add", "--all");
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  git(clone, ...who, "commit", "--quiet", "--no-verify", "--message", "as it is");
  return clone;
}

/** Gives a clone the packages that are installed here, in an instant: what `npm ci` would bring, without its time. */
export function borrowPackages(clone: string): void {
  const target = join(clone, "node_modules");
  mkdirSync(target);
  for (const name of readdirSync(join(repo, "node_modules"))) {
    // The compiler's memory of what it has written, which in a clone it has not.
    if (name !== ".cache") symlinkSync(join(repo, "node_modules", name), join(target, name));
  }
}

/** At the end of the test file, ends what `npm run up` has started in a clone, if it still runs: server, stand-in and page. */
export function killServerOf(clone: string): void {
  for (const name of ["livekit.pid", "egress.pid", "page.pid"]) {
    const pid = join(clone, ".rtc", name);
    killAtTheEnd(() => existsSync(pid) && process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL"));
  }
}

/** What has been changed in a clone, by `git status`; empty: nothing. */
export function changesInClone(clone: string): string {
  return git(clone, "status", "--porcelain");
}

function git(clone: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: clone, encoding: "utf8" });
}

/** The scripts of a clone's package.json. */
export function scriptsOf(clone: string): Record<string, string> {
  const { scripts } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return scripts;
}
