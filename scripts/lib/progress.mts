import pc from "picocolors";

/** Shows what is going on. On a terminal one line is updated, elsewhere plain lines are added. */
export interface Progress {
  say(line: string): void;
  /** Shows that `work` goes on, and for how long, until it is done. */
  during<T>(title: string, work: () => Promise<T>): Promise<T>;
}

const plainLineEveryMs = 20_000;

/** Writes to stderr, so that what a script prints on stdout can be piped. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = stream.isTTY === true;
  return {
    say: (line) => void stream.write(`${line}\n`),
    async during(title, work) {
      const started = Date.now();
      const elapsed = () => seconds((Date.now() - started) / 1000);
      const show = () =>
        stream.write(live ? `\r\x1b[K${title} ${pc.dim(elapsed())}` : `${title} ${elapsed()}\n`);
      if (live) show();
      else stream.write(`${title}\n`);
      const timer = setInterval(show, live ? 1000 : plainLineEveryMs);
      try {
        const result = await work();
        stream.write(`${live ? "\r\x1b[K" : ""}${title} ${pc.green("done")} in ${elapsed()}\n`);
        return result;
      } catch (error) {
        const reason = reasonOf(error);
        stream.write(`${live ? "\r\x1b[K" : ""}${title} ${pc.red("failed")} after ${elapsed()}${reason}\n`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/** What went wrong, where that takes one line; else it is shown elsewhere. */
function reasonOf(error: unknown): string {
  return error instanceof Error && !error.message.includes("\n") ? `: ${error.message}` : "";
}

/** "45 s" or "3 min 20 s". */
export function seconds(value: number): string {
  const whole = Math.round(value);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
