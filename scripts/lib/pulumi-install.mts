import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";

/*
 * Installs a version of the Pulumi CLI into a folder: node pulumi-install.mts VERSION FOLDER. It leads a process group,
 * which ends as a whole when it is asked to end or when its standard input closes, as it does when its parent is killed.
 */

const [version = "", root = ""] = process.argv.slice(2);
const endAll = () => process.kill(-process.pid, "SIGKILL");
process.on("SIGTERM", endAll);
process.stdin.on("end", endAll).resume();
try {
  await PulumiCommand.install({ version: new SemVer(version), root });
  process.exit(0);
} catch (error) {
  process.stderr.write((error as Error).message);
  process.exit(1);
}
