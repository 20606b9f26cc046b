import { EXIT, type ExitCode, Failure, Locked } from "../exit-codes";
import { waitingFor } from "../silence";

/** An error of the Automation API. Its message repeats the whole output, so it is not used. */
interface CommandError {
  name: string;
  commandResult: {
    stdout: string;
    stderr: string;
    /** Not Pulumi's own code where there is `err`. */
    code: number;
    err?: { exitCode?: number };
  };
}

/** Whether an error is one of Pulumi's command. */
export function isCommandError(error: unknown): error is CommandError {
  return typeof error === "object" && error !== null && "commandResult" in error;
}

/** How much is shown of an output without an error in it. */
const LAST_LINES = 10;

/** What Pulumi 3.217 and others of before the documented exit codes exit with, whatever failed. */
const ANY_FAILURE = 255;

/** Pulumi's own exit code, of older versions too. */
export function exitCodeIn({ commandResult: { code, err } }: CommandError): ExitCode {
  const own = err?.exitCode ?? code;
  return own === ANY_FAILURE ? EXIT.failed : own;
}

/** Awaits Pulumi, which is what the command then waits for, and shortens its errors. */
export async function withPlainErrors<T>(answer: Promise<T>): Promise<T> {
  try {
    return await waitingFor(
      () => "Pulumi",
      () => answer,
    );
  } catch (error) {
    throw isCommandError(error) ? failureOf(error) : error;
  }
}

/** Shortens an error of Pulumi, with what to do about a lock, a passphrase or a login. */
export function failureOf(error: CommandError): Failure {
  const failure = classify(error.commandResult.stderr, exitCodeIn(error));
  failure.cause = error;
  return failure;
}

/** Whether a file backend reads a lock that is gone: the other run has just ended. */
export function isLockGone(stderr: string): boolean {
  return ["/locks/", "no such file"].every((part) => stderr.includes(part));
}

function classify(stderr: string, code: number): Failure {
  if (/currently locked by|Another update is currently in progress/.test(stderr) || isLockGone(stderr)) {
    const owner = /created by .+/.exec(stderr)?.[0];
    // `/locks/<organization>/<project>/<stack>/<a lock>.json`
    const lock = stderr.split(/\s/).find((word) => word.includes("/locks/"));
    const inside = lock?.split("/locks/")[1]?.split("/").slice(0, -1).join("/");
    const stack = inside || "<organization>/<project>/<stack>";
    return new Locked(owner, `pulumi cancel ${stack}`, code);
  }
  if (/passphrase must be set/.test(stderr)) {
    const message =
      "the stack is encrypted: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to its passphrase";
    return new Failure("NOT_CONFIGURED", message, EXIT.usage);
  }
  if (/incorrect passphrase/.test(stderr)) {
    return new Failure("UNAUTHENTICATED", "PULUMI_CONFIG_PASSPHRASE is not the stack's", EXIT.authentication);
  }
  if (
    /PULUMI_ACCESS_TOKEN must be set|requires logging in|Unauthorized|invalid access token|\[401\]/i.test(
      stderr,
    )
  ) {
    const message =
      "Pulumi's backend requires a login: set PULUMI_ACCESS_TOKEN, or PULUMI_BACKEND_URL to another backend";
    return new Failure("UNAUTHENTICATED", message, EXIT.authentication);
  }
  const lines = stderr.split("\n").map((line) => line.trim());
  // Several at once are a list below a line that counts them.
  const wrong = lines
    .filter((line) => /^(error: |\* )/.test(line) && !/^error: \d+ errors? occurred:$/.test(line))
    .map((line) => line.replace(/^(error: |\* )/, ""));
  const others = lines.filter((line) => line !== "" && !line.startsWith("Command failed with exit code"));
  const message = wrong.join("\n") || others.slice(-LAST_LINES).join("\n") || "it reported no reason";
  return new Failure("PULUMI", `pulumi exited with ${code}: ${message}`, code);
}
