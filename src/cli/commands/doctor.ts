import type { Command } from "commander";
import { addAction, type ManagedOptions, withProject } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

/** `rtc doctor`: checks of what this machine, the stack and the vendors need. */
export function doctor(program: Command): void {
  const command = withProject(program.command("doctor"))
    .summary("check Node, Pulumi, the stack and the vendors")
    .description(
      "Checks Node, the Pulumi CLI, its backend, the stack and its secrets, and of each configured vendor the address, the clock, the keys and the recorder. Says what to do about each problem, and which checks could not be made. Changes nothing. Exits with 1 when a check fails.",
    );
  addAction<ManagedOptions>(command, "rtc doctor --stack production", check);
}

async function check(options: ManagedOptions, io: Io): Promise<ExitCode> {
  const { pulumiChecks } = await import("../doctor/pulumi-checks.js");
  const { diagnose } = await import("../../client/diagnosis.js");
  const { doctorText } = await import("../report/doctor-report.js");
  const { checks, config } = await pulumiChecks(options);
  if (config !== undefined) checks.push(...(await diagnose(config)));
  else checks.push({ check: "vendors", status: "unknown", message: "the configuration is not valid" });
  const failed = checks.filter(({ status }) => status === "failed").length;
  io.result({ failed, checks }, () => doctorText(checks));
  return failed === 0 ? EXIT.done : EXIT.failed;
}
