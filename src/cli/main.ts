#!/usr/bin/env node
import { Command } from "commander";
import { up } from "./commands/up";
import { validate } from "./commands/validate";
import { EXIT } from "./exit-codes";

const { version } = require("pulumi-rtc/package.json") as { version: string };

const program = new Command("rtc")
  .description("Real-time rooms and recordings as code: see what is declared, reconcile it, take it down.")
  .version(version)
  .showHelpAfterError()
  .exitOverride();

up(program);
validate(program);
for (const command of program.commands) command.exitOverride();

program.parseAsync().catch((error: unknown) => {
  // commander has told what is wrong with the command line; help and version are no failures.
  const { exitCode = EXIT.failed } = error as { exitCode?: number };
  process.exitCode = exitCode === 0 ? EXIT.done : EXIT.usage;
});
