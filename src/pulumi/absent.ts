import * as pulumi from "@pulumi/pulumi";

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
 * unknown in a preview: whatever depends on it would look changed for ever, and no token could be issued.
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
