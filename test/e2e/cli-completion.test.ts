import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { findCommand } from "../../scripts/lib/commands.mts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { atTerminal } from "../support/terminal.ts";

const CTRL_A = "\u0001";
/** A name that a shell which evaluates suggestions would run. */
const HOSTILE = "ha$(touch pwned)";

const zsh = findCommand("zsh");
const fish = findCommand("fish");
for (const [name, place] of Object.entries({ zsh, fish }))
  if (place === undefined)
    console.info(`Completion in ${name} was NOT TESTED: it is not on the PATH (apt install ${name}).`);

let folder: RtcFolder;
let env: Record<string, string | undefined>;
beforeAll(() => {
  folder = new RtcFolder({ LIVEKIT_URL: "ws://127.0.0.1:9" });
  folder.manifest(
    "rooms:",
    "  hall: {}",
    "  lab: { count: 2 }",
    `  odd: { name: '${HOSTILE}' }`,
    "recordings:",
    "  lesson: { room: hall, audioOnly: true, outputUri: out/ }",
  );
  folder.write("rtc.production.yaml", "rooms: { board: {} }\n");
  folder.write("Pulumi.dev.yaml", "config: {}\n");
  // The engine must not start.
  writeFileSync(join(folder.bin, "pulumi"), '#!/bin/sh\ntouch "$HOME/engine-started"\n', { mode: 0o755 });
  env = { ...folder.env, PATH: [folder.bin, folder.env["PATH"]].join(delimiter), PULUMI_STACK: undefined };
});

/** The suggestions of a shell for a command line, with all that it has written. */
async function suggested(...lines: string[][]): Promise<string[][]> {
  const asked = lines.map((words) => `ask ${words.map((word) => `'${word}'`).join(" ")}`);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
  const ask = 'ask() { COMP_WORDS=(rtc "$@"); COMP_CWORD=$#; _rtc; echo "${COMPREPLY[*]}"; }';
  const commands = ['set -u; eval "$(rtc completion bash)"', 'eval "$(rtc completion bash)"', ask, ...asked];
  const output = await folder.shell(commands.join("\n"), env);
  return output
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ").filter(Boolean));
}

describe("In bash", () => {
  test("commands, options, stacks, rooms and recordings are suggested, by the folder alone", async () => {
    const connections = vi.fn();
    const server = createServer(connections).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    const found = await suggested(
      ["dr"],
      ["rooms", ""],
      ["up", "--wa"],
      ["up", "--stack", ""],
      ["token", "la"],
      ["token", "--stack", "production", "b"],
      ["recordings", "stop", ""],
      ["rooms", "create", "x", "--vendor", "l"],
      ["completion", ""],
    );
    expect(found).toEqual([
      ["drift"],
      ["list", "get", "create", "delete", "help"],
      ["--wait"],
      ["dev", "production"],
      ["lab-1", "lab-2"],
      ["board"],
      ["lesson"],
      ["livekit"],
      ["bash", "zsh", "fish"],
    ]);
    expect(connections).not.toHaveBeenCalled();
    expect(existsSync(join(folder.env["HOME"] ?? "", "engine-started"))).toBe(false);
  });

  test("nothing is evaluated that is typed or suggested, and no error is shown", async () => {
    const [typed, named] = await suggested(["token", "$(touch typed)"], ["token", "ha$"]);
    expect(typed).toEqual([]);
    expect(named?.join(" ")).toBe("ha\\$\\(touch\\ pwned\\)");
    folder.write("broken.yaml", "rooms: [");
    expect(await suggested(["token", "--file", "broken.yaml", "h"])).toEqual([[]]);
    expect(await suggested(["token", "--file", "nowhere.yaml", "h"])).toEqual([[]]);
    expect(readdirSync(folder.dir)).not.toContain("pwned");
    expect(readdirSync(folder.dir)).not.toContain("typed");
  });
});

describe("At a terminal, the tab key completes", () => {
  const shells = [
    ["bash", "bash --norc --noprofile -i", 'eval "$(rtc completion bash)"'],
    ...(zsh
      ? [["zsh", `${zsh} -f -i`, 'autoload -U compinit; compinit -D; eval "$(rtc completion zsh)"']]
      : []),
  ];
  test.each(shells)("in %s", async (_name = "", command = "", setup = "") => {
    const wait = { timeout: 60_000, interval: 100 };
    const shell = atTerminal(command, { dir: folder.dir, env: { ...env, PS1: "ready> ", TERM: "xterm" } });
    await vi.waitFor(() => expect(shell.shown()).toContain("ready> "), wait);
    shell.type(`${setup}; echo "set"" up"\r`);
    await vi.waitFor(() => expect(shell.shown()).toContain("set up"), wait);
    // The line is printed and not run.
    shell.type(`rtc token la\t2 --stack pro\t${CTRL_A}echo li""ne: \r`);
    await vi.waitFor(() => expect(shell.shown()).toContain("line: rtc token lab-2 --stack production"), wait);
    shell.type("exit\r");
    expect(await shell.finished).toBe(0);
    expect(shell.shown()).not.toMatch(/command not found|readonly|error/i);
  });
});

test.runIf(fish)("In fish, its own completion suggests the same", async () => {
  const output = await folder.shell(
    `"${fish}" --no-config -c 'rtc completion fish | source; complete -C "rtc token la"; complete -C "rtc up --stack "'`,
    env,
  );
  expect(
    output
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0]),
  ).toEqual(["lab-1", "lab-2", "dev", "production"]);
});
