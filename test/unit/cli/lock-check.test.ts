import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockCheck } from "../../../src/cli/doctor/lock-check.ts";

const stack = { project: "acme", name: "organization/acme/dev" };

/** A backend with a lock on the stack. */
function backendWith(...locks: object[]): string {
  const folder = mkdtempSync(join(tmpdir(), "rtc-lock-"));
  const inside = join(folder, ".pulumi/locks/organization/acme/dev");
  mkdirSync(inside, { recursive: true });
  for (const [index, lock] of locks.entries())
    writeFileSync(join(inside, `${index}.json`), JSON.stringify(lock));
  return `file://${folder}?metadata=skip`;
}

const lock = {
  ...{ pid: process.pid, username: "ann", hostname: hostname(), timestamp: "2026-11-30T10:00:00Z" },
};

test("doctor finds the lock of a run that is in progress, here or elsewhere", () => {
  for (const one of [lock, { ...lock, hostname: "build", pid: 2 ** 22 + 1 }])
    expect(lockCheck(backendWith(one), stack)).toEqual({
      check: "lock",
      status: "warning",
      message: `ann@${one.hostname} (pid ${one.pid}) has it since 2026-11-30T10:00:00Z; wait for that run, or if it was killed, remove the lock with "pulumi cancel organization/acme/dev"`,
    });
  expect(lockCheck(backendWith(lock, lock), stack).message).toContain("(and 1 more)");
});

test("doctor fails where the process that has the lock has ended", () => {
  // Above the largest process id that Linux gives.
  expect(lockCheck(backendWith({ ...lock, pid: 2 ** 22 + 1 }), stack)).toMatchObject({
    status: "failed",
    message: expect.stringContaining('that process has ended: remove the lock with "pulumi cancel'),
  });
});

test("doctor reports that there is no lock, or that the backend does not show one", () => {
  expect(lockCheck(backendWith(), stack)).toMatchObject({ status: "ok", message: "no run has it" });
  expect(lockCheck(backendWith(lock), { ...stack, name: "prod" })).toMatchObject({ status: "ok" });
  for (const backend of ["s3://acme-state", "https://app.pulumi.com/ann", undefined])
    expect(lockCheck(backend, stack)).toMatchObject({ check: "lock", status: "unknown" });
});
