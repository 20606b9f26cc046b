import { Command, type CommanderError } from "commander";
import { printable } from "../contract/printable";
import { completion } from "./commands/completion";
import { destroy } from "./commands/destroy";
import { doctor } from "./commands/doctor";
import { drift } from "./commands/drift";
import { explain } from "./commands/explain";
import { exportLive } from "./commands/export";
import { gateway } from "./commands/gateway";
import { init } from "./commands/init";
import { participants } from "./commands/participants";
import { preview } from "./commands/preview";
import { reconcile } from "./commands/reconcile";
import { recordings } from "./commands/recordings";
import { render } from "./commands/render";
import { rooms } from "./commands/rooms";
import { schema } from "./commands/schema";
import { status } from "./commands/status";
import { sweep } from "./commands/sweep";
import { token } from "./commands/token";
import { up } from "./commands/up";
import { validate } from "./commands/validate";
import { vendors } from "./commands/vendors";
import { EXIT } from "./exit-codes";
import { surviveLostOutput } from "./io";

surviveLostOutput();

const { version } = require("pulumi-rtc/package.json") as { version: string };

const program = new Command("rtc")
  .description("Real-time rooms and recordings as code: see what is declared, reconcile it, take it down.")
  .version(version)
  .showHelpAfterError("rtc --help lists the commands, and rtc <command> --help its options.")
  // An option after a command is that command's, even where its parent has the same.
  .enablePositionalOptions()
  .exitOverride();

/** The command that has rejected the command line. */
let rejecting = program;

// In the order of the help: commands for a manifest, then commands for the vendors.
const commands = [
  init,
  validate,
  render,
  schema,
  preview,
  up,
  status,
  drift,
  reconcile,
  destroy,
  sweep,
  exportLive,
  doctor,
  vendors,
  explain,
  token,
  rooms,
  participants,
  recordings,
  gateway,
  completion,
];
for (const add of commands) add(program);
useExitCodes(program);

program.parseAsync().catch(async (error: CommanderError) => {
  // commander has reported the error; help and version are no failures.
  const { exitCode = EXIT.failed } = error;
  process.exitCode = exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error.code !== "commander.unknownOption") return;
  const { placeOfOption } = await import("./misplaced-option.js");
  const place = await placeOfOption(program, rejecting, error.message);
  if (place !== undefined) process.stderr.write(`${printable(place)}\n`);
});

/** Makes every command exit with our code for a wrong command line. */
function useExitCodes(command: Command): void {
  command.exitOverride((error) => {
    rejecting = command;
    throw error;
  });
  // Its messages quote the command line, which may hold what others wrote.
  command.configureOutput({ writeErr: (text) => void process.stderr.write(printable(text)) });
  for (const inner of command.commands) useExitCodes(inner);
}
