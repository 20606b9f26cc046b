import { createInterface } from "node:readline/promises";
import { EXIT, Failure } from "./exit-codes";

/** Whether a person at a terminal can be asked: progress is shown there, and answers are typed there. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks at the terminal whether to go on.
 *
 * @throws DECLINED for any other answer than yes; INTERRUPTED for ^C
 * @example await confirm("Delete these 3 rooms?")
 */
export async function confirm(question: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  let isInterrupted = false;
  terminal.on("SIGINT", () => {
    isInterrupted = true;
    terminal.close();
  });
  // ^D too: the question would else never be answered.
  terminal.on("close", () => closed.abort());
  const answer = await terminal.question(`${question} [y/N] `, { signal: closed.signal }).catch(() => {
    process.stderr.write("\n");
    return "";
  });
  terminal.close();
  if (isInterrupted) throw new Failure("INTERRUPTED", "stopped: nothing was touched", EXIT.interrupted);
  if (!/^(y|yes)$/i.test(answer.trim()))
    throw new Failure("DECLINED", "not confirmed: nothing was touched. --yes answers in advance", EXIT.usage);
}
