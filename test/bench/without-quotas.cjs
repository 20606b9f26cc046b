/*
 * `rtc gateway` without the quotas, which it has no option for: its clients may send as much as it can answer. The options
 * are those of the command. The bundle of `rtc` has the quotas inside, so this runs the command's own file.
 */

const { Command } = require("commander");
const { gateway } = require("../../dist/cli/commands/gateway.js");
const { QUOTAS } = require("../../dist/gateway/middleware/limits.js");

const unlimited = { requests: 1e9, seconds: 1, prompt: 1e9 };
Object.assign(QUOTAS, { key: unlimited, address: unlimited });
const program = new Command("rtc");
gateway(program);
program.parse();
