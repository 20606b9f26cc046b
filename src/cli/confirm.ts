import { createInterface } from "node:readline/promises";
import { oneLine } from "../contract/printable";
import { EXIT, Failure } from "./exit-codes";
import { nothing, waitingFor } from "./silence";

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
  const answer = await answerTo(`${question} [y/N] `);
  if (!/^(y|yes)$/i.test(answer?.trim() ?? "")) throw declined();
}

/**
 * Asks at the terminal for a text, and again after each answer that is wrong.
 *
 * @param otherwise the answer of a person who types none
 * @param problemOf what is wrong with an answer, in words; undefined where nothing is
 * @throws DECLINED for ^D; INTERRUPTED for ^C
 * @example const project = await ask("Project", "acme-rtc", problemOfProject)
 */
export async function ask(
  question: string,
  otherwise: string,
  problemOf: (answer: string) => string | undefined,
): Promise<string> {
  for (;;) {
    const answer = await answerTo(`${question} [${otherwise}] `);
    if (answer === undefined) throw declined();
    const text = answer.trim() || otherwise;
    const problem = problemOf(text);
    if (problem === undefined) return text;
    process.stderr.write(`${oneLine(`${text}: ${problem}`)}\n`);
  }
}

/** What is typed; undefined where the terminal was closed instead. */
async function answerTo(question: string): Promise<string | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  let isInterrupted = false;
  terminal.on("SIGINT", () => {
    isInterrupted = true;
    terminal.close();
  });
  // ^D too: the question would else never be answered.
  terminal.on("close", () => closed.abort());
  const asked = () => terminal.question(question, { signal: closed.signal });
  const answer = await waitingFor(nothing, asked).catch(() => {
    process.stderr.write("\n");
    return undefined;
  });
  terminal.close();
  if (isInterrupted) throw new Failure("INTERRUPTED", "stopped: nothing was touched", EXIT.interrupted);
  return answer;
}

function declined(): Failure {
  return new Failure("DECLINED", "not confirmed: nothing was touched. --yes answers in advance", EXIT.usage);
}
