import { Argument, type Command } from "commander";
import { addAction, type CommonOptions } from "../command";
import { SCRIPTS } from "../completion/scripts";
import { EXIT } from "../exit-codes";

/** `rtc completion`: the script with which a shell completes `rtc`, and the hidden `rtc complete`, which that asks. */
export function completion(program: Command): void {
  const shells = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];
  const shell = new Argument("<shell>", "the shell").choices(shells);
  const command = program
    .command("completion")
    .summary("print the completion script of a shell")
    .description(
      'Prints a script with which the shell completes commands, options, and the names of stacks, rooms and recordings in this folder. In ~/.bashrc: eval "$(rtc completion bash)"; in ~/.zshrc, after compinit: eval "$(rtc completion zsh)"; for fish: rtc completion fish > ~/.config/fish/completions/rtc.fish.',
    )
    .addArgument(shell);
  addAction<CommonOptions>(
    command,
    "rtc completion fish > ~/.config/fish/completions/rtc.fish",
    async (_options, io, name = "") => {
      const script = SCRIPTS[shells.find((one) => one === name) ?? "bash"];
      io.result({ shell: name, script }, () => script.trimEnd());
      return EXIT.done;
    },
  );
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action((words: string[]) => complete(program, words));
}

/** Prints what the last word may be completed to, a line each. A shell shows no error in the middle of a line. */
async function complete(program: Command, words: readonly string[]): Promise<void> {
  const { suggest } = await import("../completion/suggest.js");
  const { namesHere } = await import("../completion/names.js");
  const found = await suggest(program, words, namesHere).catch(() => []);
  // A name that a shell would not show as it is completes nothing.
  const lines = found
    .filter(({ value }) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value))
    .map(({ value, description }) => `${value}\t${description}\n`);
  process.stdout.write(lines.join(""));
}
