import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";

/** A resource with these outputs. */
export type WithOutputs<Outputs> = pulumi.CustomResource & {
  readonly [K in keyof Outputs]-?: pulumi.Output<Outputs[K]>;
};

/** An output of the SDK, with the members that it does not document. */
interface Parts<T> {
  promise(withUnknowns: true): Promise<T>;
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
  allResources(): Promise<Set<pulumi.Resource>>;
}

/** The SDK's class of outputs, with the constructor that it does not document. */
const Output = pulumi.Output as unknown as new <T>(
  resources: Set<pulumi.Resource>,
  ...parts: [Promise<T>, Promise<boolean>, Promise<boolean>, Promise<Set<pulumi.Resource>>]
) => pulumi.Output<T>;

/**
 * Keeps the failure of a resource to itself. Its outputs would reject, which ends the whole program before the engine comes to
 * the resources that do not depend on it. Instead they are unknown, and still depend on the resource, so that the engine skips
 * whatever uses them. The engine reports the failure, and its run fails.
 *
 * @param urn what the URN is
 */
export function containFailure(resource: pulumi.CustomResource, urn: pulumi.Output<string>): void {
  if (pulumi.runtime.isDryRun()) return;
  const contain = <T>(output: pulumi.Output<T>, instead: T | Promise<T>, isKnown: boolean) => {
    const parts = output as unknown as Parts<T>;
    return new Output<T>(
      new Set([resource]),
      parts.promise(true).catch(() => instead),
      parts.isKnown.catch(() => isKnown),
      parts.isSecret.catch(() => false),
      parts.allResources().catch(() => new Set([resource])),
    );
  };
  const known = new Promise<string>((resolve) => urn.apply(resolve));
  for (const [name, output] of Object.entries(resource)) {
    if (!pulumi.Output.isInstance(output)) continue;
    const isUrn = name === "urn";
    Object.assign(resource, { [name]: contain<unknown>(output, isUrn ? known : unknown, isUrn) });
  }
}

/**
 * An output without the resources that it comes from. The state names the URN of each of them for every input that depends on
 * it: one input that does is enough.
 */
export function withoutDependencies<T>(output: pulumi.Output<T>): pulumi.Output<T> {
  const parts = output as unknown as Parts<T>;
  const none = new Set<pulumi.Resource>();
  return new Output<T>(none, parts.promise(true), parts.isKnown, parts.isSecret, Promise.resolve(none));
}

/**
 * Pulumi's class of resources, without the stack trace that its constructor takes: the engine would store it, in a program
 * of several files a third of a room's state. https://v8.dev/docs/stack-trace-api
 */
class ResourceWithoutTrace extends pulumi.CustomResource {
  constructor(...args: ConstructorParameters<typeof pulumi.CustomResource>) {
    const format = Error.prepareStackTrace;
    Error.prepareStackTrace = () => "";
    try {
      super(...args);
    } finally {
      Error.prepareStackTrace = format;
    }
  }
}

/** The class of resources with the outputs of one. */
export function resourceWith<Outputs>() {
  return ResourceWithoutTrace as unknown as new (
    ...args: ConstructorParameters<typeof pulumi.CustomResource>
  ) => WithOutputs<Outputs>;
}

/** The same inputs, each of which may be an output of another resource. */
export type Inputs<T> = { [K in keyof T]: pulumi.Input<NonNullable<T[K]>> };

/** `apply` with the parameter that the SDK does not document: it runs for an unknown value too. */
interface Peekable<T> {
  apply<U>(run: (value: T) => U, evenIfUnknown: true): pulumi.Output<U>;
}

/** An output of another one, whose value may be the SDK's unknown one. */
export function evenIfUnknown<T, U>(output: pulumi.Output<T>, run: (value: T) => U): pulumi.Output<U> {
  return (output as unknown as Peekable<T>).apply(run, true);
}

function absentIfUnknown<T>(output: pulumi.Output<T>): pulumi.Output<T | undefined> {
  return evenIfUnknown(output, (value) => (pulumi.isUnknown(value) ? undefined : value));
}

/**
 * An output that is absent where there is nothing to report, as the value that stands for that. The SDK calls an absent
 * output unknown in a preview, also of a resource that stays as it is, and warns of one that is exported.
 *
 * @param sibling an output that each such resource has: while it is not known, nothing is
 */
export function orWhenAbsent<T, Empty>(
  output: pulumi.Output<T>,
  sibling: pulumi.Output<unknown>,
  empty: Empty,
): pulumi.Output<T | Empty> {
  const found = absentIfUnknown(output);
  return pulumi.all([sibling, found]).apply(([, value]) => (value as T | undefined) ?? empty);
}

/**
 * An output that repeats an input, known even where the input was left out. The SDK calls any output that is absent
 * unknown in a preview: whatever depends on it would appear changed for ever, and no token could be issued.
 *
 * @param id given for a room that is only read: until it is known, nothing is
 */
export function knownIfAbsent<T>(
  output: pulumi.Output<T>,
  declared: pulumi.Input<unknown>,
  id: pulumi.Input<pulumi.ID> | undefined,
): pulumi.Output<T | undefined> {
  const known = absentIfUnknown(output);
  return pulumi
    .all([id, declared])
    .apply(([, value]): pulumi.Output<T | undefined> => (value === undefined ? known : output));
}
