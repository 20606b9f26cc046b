import { describe, expect, test } from "vitest";
import { codeOf } from "../../../src/cli/stack/operation.ts";
import { failureOf } from "../../../src/cli/stack/pulumi-errors.ts";

const of = (stderr: string, code = 255) =>
  failureOf({ name: "CommandError", commandResult: { stdout: "all the output", stderr, code } });

describe("An error of Pulumi is reported in a few words, with an exit code", () => {
  test("a lock, with its holder and what to do", () => {
    const lock =
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///x/.pulumi/locks/organization/acme/dev/1.json: created by ann@build (pid 12) at 2026-11-22T10:00:00Z";
    expect(of(lock)).toMatchObject({ code: "LOCKED", exit: 1 });
    expect(of(lock).message).toContain("created by ann@build (pid 12)");
    expect(of(lock).message).toContain('"pulumi cancel organization/acme/dev"');
  });

  test.each([
    "could not create stack: could not list bucket: blob (code=NotFound): lstat /x/.pulumi/locks/organization/acme/dev/1.json",
    'could not create stack: blob (key ".pulumi/locks/organization/acme/dev/1.json") (code=NotFound): stat /x/.pulumi/locks/organization/acme/dev/1.json',
  ])("a lock that is gone by the time that it is read: %s", (what) => {
    const gone = `error: ${what}: no such file or directory`;
    expect(of(gone)).toMatchObject({ code: "LOCKED", exit: 1 });
    expect(of(gone).message).toContain('"pulumi cancel organization/acme/dev"');
  });

  test("several, as a list below their number", () => {
    const list = "error: 2 errors occurred:\n\t* one thing\n\t* another\n\n";
    expect(of(list, 1).message).toBe("pulumi exited with 1: one thing\nanother");
  });

  test("where none is marked as one, the end of the output, without the command line", () => {
    const plain = "Command failed with exit code 1: pulumi up --yes\nsomething\nelse\n";
    expect(of(plain, 1).message).toBe("pulumi exited with 1: something\nelse");
    expect(of("Command failed with exit code 1: pulumi up --yes", 1).message).toContain("reported no reason");
  });

  test("with Pulumi's own exit code, which the Automation API does not pass on", () => {
    const commandResult = { stdout: "", stderr: "error: no", code: -2, err: { exitCode: 9 } };
    expect(failureOf({ name: "CommandError", commandResult })).toMatchObject({ code: "PULUMI", exit: 9 });
  });

  test.each([
    ["error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE", "NOT_CONFIGURED", 2],
    ["error: incorrect passphrase", "UNAUTHENTICATED", 3],
    [
      "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      "UNAUTHENTICATED",
      3,
    ],
    ["warning: old\nerror: something else\n   at stack (x.js:1:1)", "PULUMI", 1],
  ])("%j", (stderr, code, exit) => {
    expect(of(stderr)).toMatchObject({ code, exit });
    expect(of(stderr).message).not.toMatch(/all the output| at /);
  });
});

describe("The exit code of a run", () => {
  test.each([
    [3, [{ resource: "a", message: "", code: "UNAUTHENTICATED" as const }]],
    [2, [{ resource: "a", message: "", code: "INVALID_ARGUMENT" as const }]],
    [4, [{ resource: "a", message: "", code: "UNAVAILABLE" as const }]],
    [
      4,
      [
        { resource: "a", message: "", code: "UNAUTHENTICATED" as const },
        { resource: "b", message: "" },
      ],
    ],
    [255, [{ message: "the program failed" }]],
  ])("%i: %j", (code, failed) => {
    expect(codeOf(failed, 255)).toBe(code);
  });
});
