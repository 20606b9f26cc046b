import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repo } from "./clone.ts";

interface Sbom {
  metadata: { component: { "bom-ref": string } };
  components: {
    "bom-ref": string;
    name: string;
    licenses?: { license?: { id?: string }; expression?: string }[];
  }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/** The packages that npm installs with this one, by licence; without Pulumi's SDK and its own dependencies. */
export function packagesByLicence(): Map<string, string[]> {
  const script = join(repo, "scripts/sbom.mts");
  const { metadata, components, dependencies } = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: "utf8" }),
  ) as Sbom;
  const edges = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const installed = new Set<string>();
  const add = (ref: string) => {
    if (installed.has(ref) || ref.startsWith("@pulumi/pulumi@")) return;
    installed.add(ref);
    for (const other of edges.get(ref) ?? []) add(other);
  };
  add(metadata.component["bom-ref"]);
  const found = new Map<string, string[]>();
  for (const { "bom-ref": ref, name, licenses = [] } of components) {
    if (!installed.has(ref)) continue;
    const licence = licenses.map(({ license, expression }) => license?.id ?? expression).join(", ");
    found.set(licence, [...(found.get(licence) ?? []), name].sort());
  }
  return found;
}
