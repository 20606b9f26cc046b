import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { run } from "./process.mts";

const root = join(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);
const { resolve } = require;

/**
 * Compiles src/ to dist/. False when it does not compile; the compiler has then said why.
 *
 * @param clean start from nothing, so that what is packed is what the source says, whatever was in dist/
 */
export async function buildPackage({ clean = false } = {}): Promise<boolean> {
  const dist = join(root, "dist");
  if (clean) rmSync(dist, { recursive: true, force: true });
  // Compiled incrementally: without its output the compiler would believe that there is nothing to write.
  if (!existsSync(dist)) rmSync(join(root, "node_modules/.cache/tsbuildinfo"), { force: true });
  else removeOrphans(dist);
  copyPage(join(dist, "gateway/swagger-ui"));
  const compiler = resolve("typescript/bin/tsc");
  const { code } = await run(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (code === 0) writeOutConfig(dist);
  return code === 0;
}

/**
 * Writes the type of the configuration out: derived from the keys, it would ask who uses the package for the types of
 * zod, and an editor would not show what a key is for.
 */
function writeOutConfig(dist: string): void {
  const { CONFIG_KEYS } = require(
    join(dist, "client/config.js"),
  ) as typeof import("../../src/client/config.ts");
  const file = join(dist, "client/rtc-config.d.ts");
  const options = { module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, types: [] };
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const exported = source && checker.getSymbolAtLocation(source);
  const alias = exported?.exports?.get("RtcConfig" as ts.__String);
  if (!alias) throw new Error(`${file} has no RtcConfig.`);
  const fields = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(alias)).map((field) => {
    const type = checker.typeToString(
      checker.getTypeOfSymbol(field),
      undefined,
      ts.TypeFormatFlags.NoTruncation,
    );
    const { description = "" } = CONFIG_KEYS[field.name] ?? {};
    return `    /** ${description} */\n    ${field.name}?: ${type};\n`;
  });
  const about =
    "Configuration of `createClient` and of the Pulumi provider, by the name of its stack config key.";
  writeFileSync(file, `/** ${about} */\nexport interface RtcConfig {\n${fields.join("")}}\n`);
}

/**
 * Puts what the gateway's reference page is made of beside its code. Copied, and no dependency of the package: that
 * one would report each of its installs to somebody.
 */
function copyPage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const from = dirname(resolve("swagger-ui-dist/package.json"));
  const licences = ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"];
  for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", ...licences])
    copyFileSync(join(from, name), join(folder, name));
}

/** Removes output whose source has gone: it would be packed, and imports of it would go on working. */
function removeOrphans(dist: string): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const source = /^(.*)\.(?:js|d\.ts)$/.exec(name)?.[1];
    if (source !== undefined && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(dist, name));
  }
}
