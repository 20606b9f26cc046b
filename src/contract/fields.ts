import { z } from "zod";
import { jsonProblems } from "./bounds";
import type { JsonObject } from "./json";
import { hasHalfCharacter } from "./printable";

/** What the fields of inputs and records are made of. */

/** Where a room's ownership tag lives in its metadata. Reserved: no input may set it, no record shows it. */
export const OWNER_KEY = "$owner";
/** The longest metadata, as JSON in UTF-8. LiveKit rejects more than 64,000; the ownership tag takes some of that. */
export const METADATA_BYTES = 60_000;
/** Above this, a token leaves the room's metadata out: 60 KB of it make an 80 KB token. */
export const TOKEN_METADATA_BYTES = 4_096;
/** The largest timeout of a room, in seconds; one more stands for none. */
export const MAX_TIMEOUT = 2 ** 32 - 2;

/** The length of a text in UTF-8, as the vendors count it. */
export function bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/**
 * An object of JSON. It is checked in one pass that ends at the first excess: a recursive schema takes time without end.
 *
 * @param rule what else is wrong with one
 */
export const jsonObject = (rule: (value: JsonObject) => string | undefined = () => undefined) =>
  z
    .custom<JsonObject>()
    .superRefine((value, context) => {
      const isObject = z.core.util.isPlainObject(value);
      const problems = isObject
        ? jsonProblems(value)
        : [{ path: [], message: "must be an object of JSON values" }];
      const message = problems.length === 0 ? rule(value) : undefined;
      for (const one of message === undefined ? problems : [{ path: [], message }])
        context.addIssue({ code: "custom", ...one });
    })
    .meta({ type: "object" });

/** Any JSON object that fits every vendor. */
export const metadata = jsonObject((value) => {
  if (OWNER_KEY in value) return `the key ${OWNER_KEY} is reserved`;
  return bytes(JSON.stringify(value)) > METADATA_BYTES
    ? `must not be longer than ${METADATA_BYTES} bytes as JSON`
    : undefined;
});

/** A whole number. */
export const whole = (min: number, max: number) =>
  z
    .int({ error: `must be a whole number from ${min} to ${max}` })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });

/** A text that may be empty. */
export const wholeText = z
  .string({ error: "must be a string" })
  .refine((value) => !hasHalfCharacter(value), { error: "must be whole characters" });

/** A text that is not empty. */
export const text = (what: string, most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? "is missing" : "must be a string") })
    .min(1, { error: `${what} must not be empty` })
    .refine((value) => !hasHalfCharacter(value), { error: `${what} must be whole characters`, abort: true })
    .refine((value) => bytes(value) <= most, {
      error: `${what} must not be longer than ${most} bytes`,
      abort: true,
    });

/** Yes or no. */
export const flag = z.boolean({ error: "must be true or false" });

/** The message for a value that is no object; unknown keys are reported one by one. */
export const noObject = {
  error: (issue: { code?: string }) => (issue.code === "invalid_type" ? "must be an object" : undefined),
};

/** Rules between fields run also where a field is wrong, so that all problems are reported at once. */
export const isObject = ({ value }: { value: unknown }): boolean =>
  typeof value === "object" && value !== null;

/**
 * A field with what a person reads of it, in Markdown: what it is, its unit and its default. A field without metadata is
 * described itself and not copied, which would take as long as to build it: so it must be one of this place alone.
 */
export function about<Field extends z.ZodType>(field: Field, description: string): Field {
  const known = field.meta();
  if (known !== undefined) return field.meta({ ...known, description });
  z.globalRegistry.add(field, { description });
  return field;
}

/** The same fields, with this text after each description. */
export function adding<Shape extends Record<string, z.ZodType>>(more: string, shape: Shape): Shape {
  const extended = ([name, field]: [string, z.ZodType]) => [
    name,
    about(field, `${field.description} ${more}`),
  ];
  return Object.fromEntries(Object.entries(shape).map(extended)) as Shape;
}
