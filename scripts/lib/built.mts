import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a build is made from: what is compiled and bundled, how, and by which tools. */
const SOURCES = [
  "src",
  "page",
  "scripts/lib",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

/** Whether dist/ is what a build of these sources has left there. */
export function isBuilt(root: string): boolean {
  const file = stampOf(root);
  return existsSync(file) && readFileSync(file, "utf8") === fingerprint(root);
}

/** Notes that dist/ is what a build of these sources has left there. */
export function noteBuilt(root: string): void {
  mkdirSync(dirname(stampOf(root)), { recursive: true });
  writeFileSync(stampOf(root), fingerprint(root));
}

function stampOf(root: string): string {
  return join(root, "node_modules/.cache/built");
}

/** The contents of the sources, and the names and sizes of what is built. */
function fingerprint(root: string): string {
  const hash = createHash("sha256");
  for (const source of SOURCES)
    for (const file of filesIn(root, source)) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  for (const file of filesIn(root, "dist")) hash.update(`${file}\0${statSync(join(root, file)).size}\0`);
  return hash.digest("hex");
}

/** The paths of the files in a folder, in order; of a file its own. */
function filesIn(root: string, path: string): string[] {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  const found = readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}
