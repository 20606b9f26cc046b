import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";

const root = join(import.meta.dirname, "../..");

/** What Node starts anew for each command: the command line; and in each run of the engine the manifest's program and the provider. */
const ENTRIES = ["cli/program", "manifest/project", "pulumi/provider"];

/** The packages that a bundle holds a copy of: each is many small files, or is loaded by every command. */
const COPIED = ["commander", "fastest-levenshtein", "p-queue", "p-retry", "picocolors", "yaml", "zod"];

/** What most commands need is in few files. A group has no code that another needs without the rest of the group. */
const GROUPS = [
  { name: "errors", test: /\/src\/contract\/(errors|printable|node-version)\.ts$/, priority: 2 },
  { name: "contract", test: /\/src\/contract\/|\/node_modules\/zod\//, priority: 1 },
  {
    name: "client",
    test: /\/src\/(routing|vendors|support)\/|\/src\/client\/(config|create)\.ts$/,
  },
  { name: "manifest", test: /\/src\/manifest\/(load|stack-config)\.ts$|\/node_modules\/yaml\// },
];

/**
 * Bundles the entries in dist/, in place of what the compiler wrote there, with what they share in dist/chunks: Node takes longer
 * to find and read a hundred files than to run them. A command's own code stays in a chunk that only the command loads.
 */
export async function bundleEntries(dist: string): Promise<void> {
  const { dependencies, peerDependencies, name } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as Record<"dependencies" | "peerDependencies", Record<string, string>> & { name: string };
  const others = [name, ...Object.keys({ ...dependencies, ...peerDependencies })].filter(
    (one) => !COPIED.includes(one),
  );
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(root, "src", `${entry}.ts`)])),
    platform: "node",
    external: (id) =>
      id !== `${name}/package.json` && others.some((one) => id === one || id.startsWith(`${one}/`)),
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    // A file that one command imports when it runs may be part of another from the start.
    checks: { ineffectiveDynamicImport: false },
    plugins: [
      {
        name: "no-subprocess",
        transform(code, id) {
          if (!id.endsWith("/commander/lib/command.js")) return null;
          const line = "const childProcess = require('node:child_process');";
          if (!code.includes(line)) this.error(`${id} no longer has: ${line}`);
          // For commands that are programs of their own, which rtc has none of: each start would load it.
          return code.replace(line, "const childProcess = {};");
        },
      },
    ],
  });
  const { output } = await bundle.write({
    dir: dist,
    format: "cjs",
    exports: "named",
    chunkFileNames: "chunks/[name].js",
    codeSplitting: { groups: GROUPS },
    comments: { annotation: false },
  });
  await bundle.close();
  const chunks = output.filter((one): one is OutputChunk => one.type === "chunk");
  mkdirSync(join(dist, "chunks"), { recursive: true });
  writeFileSync(join(dist, "chunks/LICENSES.md"), licences(chunks));
}

/** The licences of the packages that are copied, which ask for that. */
function licences(chunks: readonly OutputChunk[]): string {
  const folders = chunks
    .flatMap(({ moduleIds }) => moduleIds)
    .flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll("\\", "/"))?.[0] ?? []);
  const parts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, "package.json"), "utf8"),
    ) as Record<string, string>;
    const file = readdirSync(folder).find((one) => /^licen[cs]e(\.\w+)?$/i.test(one));
    if (file === undefined) throw new Error(`${folder} has no licence.`);
    return `## ${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return ["# Licences of the packages that these files hold copies of\n", ...parts].join("\n");
}
