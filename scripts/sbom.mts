import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * Prints the software bill of materials of the package: all that npm installs with it, as CycloneDX JSON. `npm sbom
 * --omit dev` would leave out what a development dependency depends on too, so it is asked without these.
 */
const root = join(import.meta.dirname, "..");
const parent = mkdtempSync(join(tmpdir(), "pulumi-rtc-sbom-"));
try {
  const folder = join(parent, "pulumi-rtc"); // npm takes the package's name from it
  mkdirSync(folder);
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(root, name), join(folder, name));
  const npm = (args: string) =>
    execFileSync("npm", args.split(" "), { cwd: folder, encoding: "utf8", maxBuffer: 1e8 });
  npm("pkg delete devDependencies");
  npm("install --package-lock-only --offline --ignore-scripts --silent");
  process.stdout.write(npm("sbom --package-lock-only --sbom-format cyclonedx --sbom-type library"));
} finally {
  rmSync(parent, { recursive: true });
}
