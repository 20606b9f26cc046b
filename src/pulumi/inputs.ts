import type * as pulumi from "@pulumi/pulumi";

/** The same inputs, each of which may be an output of another resource. */
export type Inputs<T> = { [K in keyof T]: pulumi.Input<NonNullable<T[K]>> };
