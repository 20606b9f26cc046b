/** A progress counter on stderr: one changing line on a terminal, a line for each tenth elsewhere. */
export function counter(what: string): (done: number, all: number) => void {
  let reported = 0;
  return (done, all) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${what} ${done}/${all}${done === all ? "\n" : ""}`);
      return;
    }
    const tenth = Math.floor((done / all) * 10);
    if (tenth === reported) return;
    reported = tenth;
    process.stderr.write(`${what} ${done}/${all}\n`);
  };
}
