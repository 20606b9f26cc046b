import { z } from "zod";
import { fieldName, oneLine, recordingInput, roomResourceInput, tokenInput, wireName } from "../contract";

/** Fields of a gateway's answers. A value of a wrong type counts as absent. */

/** RFC 3339 in UTC, from that or from Unix seconds; null where it is neither, or zero. */
export const time = z
  .union([z.string(), z.number()])
  .nullish()
  .catch(undefined)
  .transform((value) => {
    if (value === undefined || value === null || value === "" || Number(value) === 0) return null;
    if (typeof value === "string" && /Z$/.test(value) && !Number.isNaN(Date.parse(value))) return value;
    const number = Number(value);
    const moment = Number.isNaN(number) ? Date.parse(String(value)) : number * 1_000;
    return Number.isNaN(moment) || Math.abs(moment) > 8.64e15 ? null : new Date(moment).toISOString();
  });

/** A number, also as digits. */
export const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .nullish()
  .catch(undefined);
/** A text that is not empty. */
export const text = z.string().min(1).nullish().catch(undefined);
/** A text for people, in one line. */
export const message = text.transform((said) => said && oneLine(said));

/** The contract's fields by their REST names. */
const FIELDS = new Set(
  [roomResourceInput, recordingInput, tokenInput].flatMap(({ shape }) => Object.keys(shape).map(wireName)),
);

/** A message with REST field names replaced by those of TypeScript, except in addresses and paths. */
export function withFieldNames(message: string): string {
  return message.replace(/(?<![\w:@/."'-])[a-z]+(?:_[a-z]+)+(?![\w@/"'-])/g, (word) =>
    FIELDS.has(word) ? fieldName(word) : word,
  );
}

/** The warnings of a gateway. */
export const warnings = z
  .array(z.string())
  .nullish()
  .catch(undefined)
  .transform((messages) => messages?.map((message) => oneLine(withFieldNames(message))));
