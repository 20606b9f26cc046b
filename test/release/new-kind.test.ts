import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../scripts/lib/process.mts";
import { borrowPackages, changesInClone, cloneRepo, repo } from "../support/clone.ts";

test("A kind of resource is a folder and a line: types, layers and drift take it as it is", {
  timeout: 300_000,
}, async () => {
  const clone = cloneRepo();
  borrowPackages(clone);
  const inClone = async (command: string, ...args: string[]) => {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$/.test(name)),
    );
    const binary = join(clone, "node_modules/.bin", command);
    const { code, stdout, stderr } = await run(binary, args, { cwd: clone, env });
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };

  cpSync(join(repo, "test/fixtures/new-kind"), clone, { recursive: true });
  const table = join(clone, "src/reconcile/kinds.ts");
  const lines = readFileSync(table, "utf8")
    .replace(/\n\n/, '\nimport { thingKind } from "./thing/lifecycle";\n\n')
    .replace(/\n} satisfies/, "\n  thing: thingKind,\n} satisfies");
  writeFileSync(table, lines);
  expect(changesInClone(clone).split("\n").filter(Boolean).sort()).toEqual([
    " M src/reconcile/kinds.ts",
    "?? src/reconcile/thing/",
    "?? test/unit/reconcile/thing.test.ts",
  ]);

  const narrow = { extends: "./tsconfig.json", include: ["src", "test/unit/reconcile/thing.test.ts"] };
  writeFileSync(join(clone, "tsconfig.thing.json"), JSON.stringify(narrow));
  await inClone("tsc", "-p", "tsconfig.thing.json");
  await inClone("vitest", "run", "test/unit/architecture.test.ts", "test/unit/reconcile/thing.test.ts");
});
