/* The first import of `rtc`: nothing else of it may load where Node is too old. */

try {
  require("../contract/node-version");
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
