import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { isBuilt, noteBuilt } from "./built.mts";
import { bundleEntries } from "./bundle.mts";
import { run } from "./process.mts";

const root = join(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);
const { resolve } = require;

/**
 * Compiles src/ and bundles what Node starts with, and page/, all to dist/, unless that is what is there. False when one of them
 * fails; its tool has then printed why.
 *
 * @param clean start from nothing, so that what is packed is what the source has, whatever was in dist/
 */
export async function buildPackage({ clean = false } = {}): Promise<boolean> {
  const dist = join(root, "dist");
  if (!clean && isBuilt(root)) return true;
  if (clean) rmSync(dist, { recursive: true, force: true });
  // Compiled incrementally: without its output the compiler would believe that there is nothing to write.
  if (!existsSync(dist)) rmSync(join(root, "node_modules/.cache/tsbuildinfo"), { force: true });
  else removeOrphans(dist);
  copyPage(join(dist, "gateway/swagger-ui"));
  const [compiled, bundled] = await Promise.all([
    runTool(resolve("typescript/bin/tsc"), "-p", "tsconfig.build.json"),
    runTool(VITE, "build", "--config", "page/vite.config.mts", "--configLoader", "native"),
  ]);
  if (!compiled) return false;
  writeOutTypes(dist);
  await bundleEntries(dist);
  if (bundled) noteBuilt(root);
  return bundled;
}

/** Bundles the page of the gateway, which a published package has without React. */
const VITE = join(dirname(resolve("vite/package.json")), "bin/vite.js");

/** Runs a tool of Node's at the root. False where it fails, and has reported why. */
async function runTool(file: string, ...args: string[]): Promise<boolean> {
  const { code } = await run(process.execPath, [file, ...args], { cwd: root, stdio: "inherit" });
  return code === 0;
}

/** The declarations that are derived from schemas, and the schemas of a declaration by the name that it is derived from. */
const DERIVED: Record<string, (load: (module: string) => object) => object> = {
  "client/rtc-config.d.ts": (load) => load("client/config"),
  "contract/types.d.ts": (load) => load("contract"),
};

/**
 * Writes derived types out as interfaces: derived, they would ask who uses the package for the types of zod, and an editor
 * would not show what a field is.
 */
function writeOutTypes(dist: string): void {
  const load = (module: string): object => require(join(dist, module));
  const files = Object.keys(DERIVED).map((name) => join(dist, name));
  restoreDerived(dist);
  const options = { module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, types: [] };
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const written = Object.entries(DERIVED).map(([name, schemas]): [string, string] => {
    const source = program.getSourceFile(join(dist, name));
    const symbol = source && checker.getSymbolAtLocation(source);
    if (!symbol) throw new Error(`${name} declares nothing.`);
    const exported = checker.getExportsOfModule(symbol);
    const declarations = exported.map((one) => writtenOut(checker, one, exported, schemas(load)));
    const text = declarations.join("");
    const used = ["Json", "JsonObject"].filter((one) => new RegExp(`\\b${one}\\b`).test(text));
    const imports = used.length > 0 ? `import type { ${used.join(", ")} } from "./json";\n` : "";
    return [name, `${imports}${text}`];
  });
  for (const [name, text] of written) writeFileSync(join(dist, name), text);
}

/** What the compiler has not rewritten is written out already: it is put back as the compiler wrote it. */
function restoreDerived(dist: string): void {
  for (const name of Object.keys(DERIVED)) {
    const [file, emitted] = [join(dist, name), join(root, "node_modules/.cache/derived-types", name)];
    mkdirSync(dirname(emitted), { recursive: true });
    const isEmitted = readFileSync(file, "utf8").includes("typeof ");
    if (isEmitted) copyFileSync(file, emitted);
    else copyFileSync(emitted, file);
  }
}

/** A type as an interface, each field with its description in the schema. */
function writtenOut(
  checker: ts.TypeChecker,
  symbol: ts.Symbol,
  others: readonly ts.Symbol[],
  schemas: object,
): string {
  const text = textOf(symbol);
  const about = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const doc = about === "" ? "" : `/** ${about} */\n`;
  // One with a parameter is derived from no schema.
  if (/^export (interface|type) \w+</.test(text)) return `${doc}${text}\n`;
  const fields = fieldsOf(symbol, others, schemas as Record<string, unknown>);
  const properties = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  const order = (field: ts.Symbol) => [...Object.keys(fields), field.name].indexOf(field.name);
  const lines = properties
    .sort((a, b) => order(a) - order(b))
    .map((field) => {
      const type = checker.getTypeOfSymbol(field);
      const printed = checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
      const own = ts.displayPartsToString(field.getDocumentationComment(checker));
      const what = fields[field.name]?.description ?? own;
      const isOptional = (field.flags & ts.SymbolFlags.Optional) !== 0;
      return `${what === "" ? "" : `    /** ${what} */\n`}    ${field.name}${isOptional ? "?" : ""}: ${printed};\n`;
    });
  return `${doc}export interface ${symbol.name} {\n${lines.join("")}}\n`;
}

type Fields = Record<string, { description?: string }>;

/** The fields of the schemas that a type is derived from, also by way of other types of the same file. */
function fieldsOf(symbol: ts.Symbol, others: readonly ts.Symbol[], schemas: Record<string, unknown>): Fields {
  const text = textOf(symbol);
  const named = others.filter((other) => other !== symbol && new RegExp(`\\b${other.name}\\b`).test(text));
  const names = [...text.matchAll(/typeof (\w+)/g)].map(([, name = ""]) => name);
  const own = (names.length + named.length === 0 ? ["CONFIG_KEYS"] : names).map((name) =>
    shapeOf(schemas[name]),
  );
  return Object.assign({}, ...named.map((other) => fieldsOf(other, others, schemas)), ...own) as Fields;
}

/** The fields of a schema of an object, or of a plain object of schemas. */
function shapeOf(schema: unknown): Fields {
  if (typeof schema !== "object" || schema === null) throw new Error("A type is derived from no schema.");
  const { shape = schema } = schema as { shape?: object };
  return shape as Fields;
}

function textOf(symbol: ts.Symbol): string {
  return symbol.declarations?.[0]?.getText() ?? "";
}

/**
 * Puts what the gateway's reference page is made of beside its code. Copied, and no dependency of the package: that
 * one would report each of its installs to a third party.
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
