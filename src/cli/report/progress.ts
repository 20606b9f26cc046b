/** A count that goes up: one line that changes on a terminal, a line each tenth elsewhere. On stderr. */
export function counter(what: string): (done: number, all: number) => void {
  let told = 0;
  return (done, all) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${what} ${done}/${all}${done === all ? "\n" : ""}`);
      return;
    }
    const tenth = Math.floor((done / all) * 10);
    if (tenth === told) return;
    told = tenth;
    process.stderr.write(`${what} ${done}/${all}\n`);
  };
}
