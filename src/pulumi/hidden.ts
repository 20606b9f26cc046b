import * as pulumi from "@pulumi/pulumi";
import type { Hidden } from "../reconcile/declarations";

/** What check gets of a resource beside its inputs. It removes it again: nothing of it is stored. */
export function hiddenInput(
  type: string,
  name: string,
  { parent, protect = isProtected(parent) }: pulumi.CustomResourceOptions,
): Record<keyof Omit<Hidden, "roomUrn" | "urn">, unknown> & { urn: pulumi.Output<string> } {
  return {
    protect,
    urn: pulumi.createUrn(name, type, parent),
    name,
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    dryRun: pulumi.runtime.isDryRun(),
  };
}

/** Whether a resource is protected, as its children are; the SDK has no public member for it. */
function isProtected(resource: pulumi.Resource | undefined): boolean {
  return resource !== undefined && Reflect.get(resource, "__protect") === true;
}
