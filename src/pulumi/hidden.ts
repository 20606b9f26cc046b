import * as pulumi from "@pulumi/pulumi";
import type { Hidden } from "../reconcile/declarations";

/** What check gets of a resource beside its inputs. It removes it again: nothing of it is stored. */
export function hiddenInput(
  type: string,
  name: string,
  parent: pulumi.CustomResourceOptions["parent"],
): Record<keyof Omit<Hidden, "roomUrn" | "urn">, unknown> & { urn: pulumi.Output<string> } {
  return {
    urn: pulumi.createUrn(name, type, parent),
    name,
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    dryRun: pulumi.runtime.isDryRun(),
  };
}
