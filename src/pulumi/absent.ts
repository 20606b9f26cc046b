import * as pulumi from "@pulumi/pulumi";

/** `apply` with the parameter that the SDK does not document: it runs for an unknown value too. */
interface Peekable<T> {
  apply(run: (value: T) => T | undefined, evenIfUnknown: true): pulumi.Output<T | undefined>;
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
