import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { registry } from "../../src/vendors/registry.ts";

const SRC = join(__dirname, "../../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"));
const sources = new Map(files.map((file) => [file, readFileSync(join(SRC, file), "utf8")]));

/** Which layers a layer may import, beside itself: arrows point one way. A vendor's folder is a layer of its own. */
const ARROWS: Record<string, readonly string[]> = {
  contract: [],
  support: ["contract"],
  "vendors/*": ["contract", "support"],
  "vendors/registry": ["contract", "vendors/*"],
  routing: ["contract"],
  client: ["contract", "support", "routing", "vendors/registry"],
  reconcile: ["contract", "support", "client"],
  pulumi: ["contract", "support", "client", "reconcile"],
  manifest: ["contract", "client", "pulumi"],
  gateway: ["contract", "support", "client"],
  cli: ["contract", "support", "client", "reconcile", "manifest", "pulumi", "gateway"],
  index: ["contract", "client", "routing", "pulumi"],
};

/** Packages that only one place may know. */
const PACKAGES: Record<string, RegExp> = {
  "@pulumi/pulumi": /^pulumi\/[^/]+$|^manifest\/(declare|outputs|project)\.ts$|^cli\//,
  "agora-token": /^vendors\/agora\//,
  "livekit-server-sdk": /^vendors\/livekit\//,
  yaml: /^manifest\//,
  commander: /^cli\//,
  hono: /^gateway\//,
  "@hono/node-server": /^gateway\/http\/serve\.ts$/,
  "node:sqlite": /^gateway\/store\/sqlite/,
  pino: /^gateway\/middleware\/log\.ts$/,
  "ipaddr.js": /^gateway\/http\/connections\.ts$/,
  "prom-client": /^gateway\/middleware\/(watch-)?metrics\.ts$/,
  "p-queue":
    /^support\/|^client\/bulk-rooms\.ts$|^gateway\/(services\/bulkhead|store\/sqlite-connection)\.ts$/,
  "p-retry": /^support\//,
};

/** The files that a vendor's folder may have: the same role has the same name everywhere. */
const ROLES = [
  "adapter.ts",
  "api.ts",
  "config.ts",
  "recordings.ts",
  "rooms.ts",
  "rpc.ts",
  "token.ts",
  "webhooks.ts",
];

describe("the layers of src", () => {
  it("are all known here", () => {
    for (const file of files) expect(ARROWS, file).toHaveProperty([ruleOf(layerOf(file))]);
  });

  it.each(files)("%s imports along the arrows", (file) => {
    const layer = layerOf(file);
    const allowed = ARROWS[ruleOf(layer)] ?? [];
    const wrong = importsOf(file)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => layerOf(posix.join(dirname(file), specifier)))
      .filter((target) => target !== layer && !allowed.includes(ruleOf(target)));
    expect(wrong).toEqual([]);
  });

  it("import each package only where it belongs", () => {
    for (const [name, place] of Object.entries(PACKAGES)) {
      const users = files.filter((file) =>
        importsOf(file).some((specifier) => specifier === name || specifier.startsWith(`${name}/`)),
      );
      expect(users.length, name).toBeGreaterThan(0);
      expect(
        users.filter((file) => !place.test(file)),
        name,
      ).toEqual([]);
    }
  });

  it("name a vendor only in its folder and the registry", () => {
    const names = new RegExp(`\\b(${Object.keys(registry).join("|")})`, "i");
    const outside = files.filter((file) => !file.startsWith("vendors/"));
    const named = outside.flatMap((file) =>
      codeOf(file)
        .split("\n")
        .filter((line) => names.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(named).toEqual([]);
  });
});

describe("the files of src", () => {
  it("import each other in no circle, types included", () => {
    const imports = new Map(files.map((file) => [file, importsOf(file).flatMap((one) => fileOf(file, one))]));
    const isDone = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
      if (isDone.has(file) || way.includes(file)) return;
      for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
      isDone.add(file);
    };
    for (const file of files) visit(file, []);
    expect([...imports.values()].flat().length).toBeGreaterThan(files.length);
    expect(circles).toEqual([]);
  });

  it("load no package for rtc --help but those that print it, since every command begins with that", () => {
    const packages = new Set<string>();
    const isLoaded = new Set<string>();
    const load = (file: string): void => {
      if (isLoaded.has(file)) return;
      isLoaded.add(file);
      for (const specifier of loadedBy(file)) {
        if (!specifier.startsWith(".")) packages.add(specifier);
        for (const next of fileOf(file, specifier)) load(next);
      }
    };
    load("cli/program.ts");
    expect(isLoaded.size).toBeGreaterThan(20);
    expect([...packages].filter((name) => !name.startsWith("node:")).sort()).toEqual([
      ...["commander", "picocolors", "pulumi-rtc/package.json"],
    ]);
  });

  it("have the same name for the same role in every vendor's folder", () => {
    const vendors = files.flatMap((file) => /^vendors\/([^/]+)\/(.+)$/.exec(file)?.slice(1, 3) ?? []);
    const names = vendors.filter((_, index) => index % 2 === 1);
    expect(names).toContain("adapter.ts");
    expect(names.filter((name) => !ROLES.includes(name))).toEqual([]);
  });
});

describe("the public surface", () => {
  const exported = [...(sources.get("index.ts") ?? "").matchAll(/export (?:type )?\{([^}]*)\}/g)]
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.replace("type ", "").trim())
    .filter((name) => name !== "");

  it("is what src/index.ts exports by name", () => {
    expect(exported).toContain("RtcRoom");
    expect(exported).toContain("createClient");
    expect(sources.get("index.ts")).not.toMatch(/export \*|export default/);
  });

  it.each(exported)("documents %s where it is declared", (name) => {
    const declaration = new RegExp(
      `^export (?:async |abstract )?(?:class|function|const|type|interface) ${name}\\b`,
      "m",
    );
    const declaring = files
      .filter((file) => !file.startsWith("vendors/"))
      .flatMap((file) => sources.get(file) ?? [])
      .filter((source) => declaration.test(source));
    expect(declaring).toHaveLength(1);
    const before = declaring[0]?.slice(0, declaring[0].search(declaration)) ?? "";
    expect(before).toMatch(/\*\/\n$/);
  });
});

/** `vendors/livekit/api.ts` → `vendors/livekit`, `pulumi/room.ts` → `pulumi`, `index.ts` → `index`. */
function layerOf(file: string): string {
  const name = file.replace(/\.ts$/, "");
  const vendor = /^vendors\/(registry$|[^/]+(?=\/))/.exec(name)?.[1];
  if (vendor) return `vendors/${vendor}`;
  return name.split("/")[0] ?? name;
}

/** A vendor's folder goes by the rule of all of them. */
function ruleOf(layer: string): string {
  return /^vendors\/(?!registry$)/.test(layer) ? "vendors/*" : layer;
}

/** The file of src that an import of another one is. */
function fileOf(from: string, specifier: string): string[] {
  if (!specifier.startsWith(".")) return [];
  const base = posix.join(dirname(from), specifier).replace(/\.js$/, "");
  return [`${base}.ts`, `${base}/index.ts`].filter((file) => sources.has(file));
}

function importsOf(file: string): string[] {
  const source = sources.get(file) ?? "";
  return [...source.matchAll(/(?:from|import|require\()\s*"([^"]+)"/g)].map(
    ([, specifier = ""]) => specifier,
  );
}

/** What a file loads when it is loaded itself: neither types nor what it imports later. */
function loadedBy(file: string): string[] {
  const source = sources.get(file) ?? "";
  const imports = /^(?:import|export) (?!type\b)(?:[^;]*? from )?"([^"]+)"|\brequire\("([^"]+)"\)/gm;
  return [...source.matchAll(imports)].map(([, name, required]) => name ?? required ?? "");
}

/** A source without its comments. */
function codeOf(file: string): string {
  return (sources.get(file) ?? "").replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}
