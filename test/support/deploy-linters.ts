import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv, type AnySchema, type ErrorObject } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { parse, parseAllDocuments } from "yaml";
import { repo } from "./clone.ts";

/** A file of a Go module that test/linters/deploy pins. */
async function fileOf(module: string, name: string): Promise<string> {
  const cwd = join(repo, "test/linters/deploy");
  // A clone inside a Go workspace must not be read as a part of it.
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "" };
  const version = readFileSync(join(cwd, "go.mod"), "utf8").match(
    new RegExp(`^\\t(${module} v\\S+)$`, "m"),
  )?.[1];
  if (version === undefined) throw new Error(`${module} is not pinned.`);
  const args = ["mod", "download", "-json", version.replace(" ", "@")];
  const { stdout } = await promisify(execFile)("go", args, { cwd, env });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  return readFileSync(join(Dir, name), "utf8");
}

/** The problems of a file by the schema of the Compose specification; empty: none. */
export async function lintCompose(file: string): Promise<string[]> {
  const text = await fileOf("github.com/compose-spec/compose-go/v2", "schema/compose-spec.json");
  // Its ids are those of a draft that is older than the one which it names.
  const withoutIds = (name: string, value: unknown) =>
    name === "id" && typeof value === "string" ? undefined : value;
  const schema: AnySchema = JSON.parse(text, withoutIds);
  const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  validate(parse(file));
  return describeErrors(validate.errors);
}

interface Definition {
  properties?: object;
  additionalProperties?: boolean;
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

/**
 * What the API of Kubernetes, as kubectl is tested with it, reports about the documents of a file, as strictly as its server;
 * empty: nothing.
 */
export async function lintKubernetes(text: string): Promise<string[]> {
  const { definitions } = JSON.parse(await fileOf("k8s.io/kubectl", "testdata/openapi/swagger.json")) as {
    definitions: Record<string, Definition>;
  };
  for (const one of Object.values(definitions)) if (one.properties) one.additionalProperties = false;
  Object.assign(definitions, {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["integer", "string"] },
  });
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: "kubernetes", definitions });
  return parseAllDocuments(text).flatMap((document) => {
    const resource = document.toJS() as { apiVersion: string; kind: string };
    const [version, group = ""] = resource.apiVersion.split("/").reverse();
    const name = Object.entries(definitions).find(([, one]) =>
      one["x-kubernetes-group-version-kind"]?.some(
        (it) => it.group === group && it.version === versionIn(group, version) && it.kind === resource.kind,
      ),
    )?.[0];
    if (name === undefined) return [`there is no ${resource.kind} of ${resource.apiVersion}`];
    const validate = ajv.compile({ $ref: `kubernetes#/definitions/${name}` });
    validate(resource);
    return describeErrors(validate.errors);
  });
}

/** The document has only the beta of policy/v1, whose fields are those of v1. */
function versionIn(group: string, version: string | undefined): string | undefined {
  return group === "policy" && version === "v1" ? "v1beta1" : version;
}

function describeErrors(errors: ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
