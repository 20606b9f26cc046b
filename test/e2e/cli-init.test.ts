import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";

const CTRL_D = "\u0004";

/** A folder without a manifest. */
function empty(name: string): RtcFolder {
  const folder = new RtcFolder({ PULUMI_STACK: "", NO_COLOR: "1" });
  mkdirSync(join(folder.dir, name));
  return folder;
}

/** Runs a command line in an inner folder. */
const within = (folder: RtcFolder, name: string, line: string) => folder.shell(`cd "${name}"; ${line}`);

test("init writes a folder that is valid for every stack, without a question where there is no terminal", async () => {
  const folder = empty("Acme rooms");
  const written = await within(folder, "Acme rooms", "rtc init --ci github --overlay dev < /dev/zero");
  const names = [
    ...[".github/report.mjs", ".github/workflows/rtc.yml", ".gitignore", "package.json", "rtc.dev.yaml"],
    ...["rtc.production.yaml", "rtc.staging.yaml", "rtc.yaml", "setup.sh"],
  ];
  for (const name of names) expect(written).toContain(`${name}\n`);
  expect(written).toContain("rtc doctor --stack staging");
  const dir = join(folder.dir, "Acme rooms");
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files).toHaveLength(names.length);
  expect(readFileSync(join(dir, "rtc.yaml"), "utf8")).toContain("project: Acme-rooms\n");
  const stacks = ["dev", "staging", "production"].map((stack) => `rtc validate --stack ${stack}`);
  expect(await within(folder, "Acme rooms", stacks.join("; "))).toBe(
    "rtc.yaml: 2 rooms, 0 recordings\n".repeat(3),
  );
});

test("init overwrites nothing: all that exist are named, and a package.json and a .gitignore stay as they are", async () => {
  const folder = empty("x");
  folder.write("package.json", "{}\n");
  folder.write(".gitignore", "mine\n");
  const first = await folder.run(0, "init --project acme --overlay dev");
  expect(first.stdout).toBe("rtc.yaml\nrtc.dev.yaml\n");
  expect(first.stderr).toMatch(/package\.json stays as it is: npm install \.\.\S+ @pulumi/);
  // Every command takes -y, for scripts.
  await folder.run(0, "validate --stack dev -y");
  const again = await folder.run(2, "init --project acme --overlay dev --overlay more --package-json");
  expect(again.stderr.split("\n").slice(1, 4)).toEqual([
    "  rtc.yaml: exists already, and is not overwritten",
    "  rtc.dev.yaml: exists already, and is not overwritten",
    "  package.json: exists already, and is not overwritten",
  ]);
  expect(readdirSync(folder.dir).sort()).toEqual([
    ".gitignore",
    "package.json",
    "rtc.dev.yaml",
    "rtc.yaml",
    "x",
  ]);
  expect(readFileSync(join(folder.dir, ".gitignore"), "utf8")).toBe("mine\n");
  expect((await folder.run(2, "init --project a@b --json")).stderr).toContain("INVALID_ARGUMENT");
  expect((await folder.run(2, "init --ci github --no-package-json")).stderr).toContain("does not go with");
});

test("init asks at a terminal for what no option sets, and writes nothing where the answer is missing", async () => {
  const folder = empty("x");
  const wait = { timeout: 60_000, interval: 100 };
  const answer = async (line: string, answers: [string, string][]) => {
    const run = rtcAtTerminal(line, folder);
    for (const [question, keys] of answers) {
      await vi.waitFor(() => expect(run.shown()).toContain(question), wait);
      run.type(keys);
    }
    return { code: await run.finished, shown: run.shown() };
  };
  const declined = await answer("init", [
    ["Name of the project [folder]", "acme\r"],
    ["Stacks with an overlay", CTRL_D],
  ]);
  expect(declined).toMatchObject({ code: 2, shown: expect.stringContaining("nothing was touched") });
  expect(readdirSync(folder.dir)).toEqual(["x"]);
  const accepted = await answer("init --overlay dev", [
    ["Name of the project [folder]", "acme rooms\r"],
    ["acme rooms: must be 1 to 100 letters", "acme\r"],
    ["Workflow for github or gitlab [none]", "jenkins\r"],
    ["jenkins: there is none for it", "gitlab\r"],
  ]);
  expect(accepted.code).toBe(0);
  const names = [
    ...[".gitignore", ".gitlab", ".gitlab-ci.yml", "package.json", "rtc.dev.yaml"],
    ...["rtc.production.yaml", "rtc.staging.yaml", "rtc.yaml", "x"],
  ];
  expect(readdirSync(folder.dir).sort()).toEqual(names);
  expect((await folder.run(0, "validate --stack dev")).stdout).toContain("2 rooms");
});
