import pc from "picocolors";

/** Something that the user can do something about: shown as it is, without a stack. */
export class Problem extends Error {
  /** What to do about it. */
  readonly whatNext: string;

  constructor(what: string, whatNext: string) {
    super(what);
    this.whatNext = whatNext;
  }
}

/** Runs a script's main function, and exits with 1 when it fails, after it has printed what happened and what to do. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  // A run that has begun is finished where its output is no longer read, as behind `| head`.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (code !== "EPIPE") process.exitCode = 1;
    });
  }
  try {
    await main();
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof Problem)) throw error;
    process.stderr.write(`\n${pc.red(error.message)}\n${error.whatNext}\n`);
  }
}

/** Reads flags; anything else on the command line is a mistake, which must not be taken for a plain run. */
export function readFlags<Flag extends string>(usage: string, known: readonly Flag[]): Set<Flag> {
  const given = process.argv.slice(2);
  const unknown = given.filter((argument) => !(known as readonly string[]).includes(argument));
  if (unknown.length > 0) throw new Problem(`Unknown: ${unknown.join(" ")}.`, `Usage: ${usage}`);
  return new Set(given as Flag[]);
}
