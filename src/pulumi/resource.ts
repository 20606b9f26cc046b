import * as pulumi from "@pulumi/pulumi";

/** A resource with these outputs. */
export type WithOutputs<Outputs> = pulumi.CustomResource & {
  readonly [K in keyof Outputs]-?: pulumi.Output<Outputs[K]>;
};

/** Pulumi's class of resources, with the outputs of one. */
export function resourceWith<Outputs>() {
  return pulumi.CustomResource as unknown as new (
    ...args: ConstructorParameters<typeof pulumi.CustomResource>
  ) => WithOutputs<Outputs>;
}
