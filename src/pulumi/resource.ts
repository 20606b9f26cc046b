import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";

/** A resource with these outputs. */
export type WithOutputs<Outputs> = pulumi.CustomResource & {
  readonly [K in keyof Outputs]-?: pulumi.Output<Outputs[K]>;
};

/**
 * Keeps the failure of a resource to itself. Its outputs would reject, which ends the whole program before the engine comes to
 * the other resources; they are unknown instead. The engine reports the failure, and its run fails.
 *
 * An SDK before `recover` has such outputs unknown anyway.
 */
export function containFailure(resource: pulumi.CustomResource, outputs: readonly string[]): void {
  if (!pulumi.recover) return;
  pulumi.recover(resource.urn, () => "");
  pulumi.recover(resource.id, () => "");
  for (const name of outputs) {
    const output = (resource as unknown as Record<string, pulumi.Output<unknown>>)[name];
    if (output) Object.assign(resource, { [name]: pulumi.recover(output, () => unknown) });
  }
}

/** An output, or for a resource that failed another value. */
export function unlessFailed<T>(output: pulumi.Output<T>, value: T): pulumi.Output<T> {
  return pulumi.recover ? pulumi.recover(output, () => value) : output;
}

/** Pulumi's class of resources, with the outputs of one. */
export function resourceWith<Outputs>() {
  return pulumi.CustomResource as unknown as new (
    ...args: ConstructorParameters<typeof pulumi.CustomResource>
  ) => WithOutputs<Outputs>;
}
