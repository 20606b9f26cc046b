/* The first command of every script in package.json: an older Node cannot read the TypeScript of the others. */

if (!process.features.typescript) {
  const { version } = process;
  process.stderr.write(
    `The scripts of this repository need Node 22.18 or newer, and this is ${version}. npm ci installs one for them.\n`,
  );
  process.exit(1);
}
