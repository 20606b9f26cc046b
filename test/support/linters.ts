import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { repo } from "./clone.ts";

const run = promisify(execFile);

/** Runs Go in a folder that pins what it needs, by its go.mod and go.sum. */
async function go(pins: string, ...args: string[]): Promise<string> {
  const cwd = join(repo, "test/linters", pins);
  // A clone inside a Go workspace must not be built as a part of it.
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "" };
  const { stdout } = await run("go", args, { cwd, env }).catch((error: { stdout?: string }) => {
    if (error.stdout) return { stdout: error.stdout };
    throw error;
  });
  return stdout;
}

/** The output of actionlint for a workflow; empty: no problem. */
export function actionlint(file: string): Promise<string> {
  // Other linters that it would call where they happen to be installed.
  return go("actionlint", "tool", "actionlint", "-shellcheck=", "-pyflakes=", "-no-color", "-oneline", file);
}

interface Schema {
  properties: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
}

interface Definition {
  spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
}

/**
 * What the Kubernetes Operator's own definition of a Stack reports about one; empty: no error.
 *
 * @param newer fields of `spec` that version 2 of the operator has and this one, 1.16.0, has not
 */
export async function lintStack(stack: unknown, newer: Record<string, object>): Promise<string[]> {
  const module = "github.com/pulumi/pulumi-kubernetes-operator@v1.16.0";
  const output = await go("operator", "mod", "download", "-json", module);
  const { Dir, Error: error } = JSON.parse(output) as { Dir?: string; Error?: string };
  if (Dir === undefined) throw new Error(error);
  const text = readFileSync(join(Dir, "deploy/crds/pulumi.com_stacks.yaml"), "utf8");
  const { versions } = (parse(text) as Definition).spec;
  const schema = versions.find(({ name }) => name === "v1")?.schema.openAPIV3Schema;
  if (schema?.properties["spec"] === undefined) throw new Error("The definition has no version v1.");
  Object.assign(schema.properties["spec"].properties, newer);
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile({
    ...schema,
    properties: { ...schema.properties, spec: closed(schema.properties["spec"]) },
  });
  validate(stack);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** As the API server is strict: a field that a schema does not name is wrong. */
function closed(schema: Schema): Schema {
  if (schema.items) return { ...schema, items: closed(schema.items) };
  if (typeof schema.additionalProperties === "object")
    return { ...schema, additionalProperties: closed(schema.additionalProperties) };
  if (schema.properties === undefined) return schema;
  const properties = Object.entries(schema.properties).map(([name, one]) => [name, closed(one)] as const);
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: false };
}
