import type * as pulumi from "@pulumi/pulumi";

/** The stack's outputs: ids by resource name. Apart from the schema, so that no program's types load zod. */
export interface Outputs {
  rooms: Record<string, pulumi.Output<string>>;
  recordings: Record<string, pulumi.Output<string>>;
}
