import * as pulumi from "@pulumi/pulumi";

/** `apply` with the parameter that the SDK does not document: it runs for an unknown value too. */
interface Peekable<T> {
  apply(run: (value: T) => T | undefined, evenIfUnknown: true): pulumi.Output<T | undefined>;
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
  const found = (output as unknown as Peekable<T>).apply(
    (value) => (pulumi.isUnknown(value) ? undefined : value),
    true,
  );
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
  const known = (output as unknown as Peekable<T>).apply(
    (value) => (pulumi.isUnknown(value) ? undefined : value),
    true,
  );
  return pulumi
    .all([id, declared])
    .apply(([, value]): pulumi.Output<T | undefined> => (value === undefined ? known : output));
}
