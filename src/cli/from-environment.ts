import type { Referenced } from "../manifest/references";
import type { PreviewResult } from "./report/preview-report";
import type { FieldChange } from "./stack/engine-events";

/**
 * A preview in which what came from the environment stands as the manifest has it, `${env:NAME}`: a comment on a pull
 * request is read by more people than the environment is.
 */
export function asWritten(preview: PreviewResult, referenced: readonly Referenced[]): PreviewResult {
  const texts = referenced.filter(({ value }) => typeof value === "string" && value.length >= SHORTEST);
  const message = (text: string) =>
    texts.reduce((all, { value, written }) => all.replaceAll(String(value), () => written), text);
  return {
    ...preview,
    resources: preview.resources.map(({ fields, messages, ...resource }) => ({
      ...resource,
      fields: fields.map((field) => changeAsWritten(field, referenced)),
      messages: messages.map(message),
    })),
    errors: preview.errors.map((error) => ({ ...error, message: message(error.message) })),
  };
}

/** A shorter value would be found by accident in other words of a message. */
const SHORTEST = 4;

/** What was there before under the same key is an earlier value of the same variable, as far as anybody knows. */
function changeAsWritten(change: FieldChange, referenced: readonly Referenced[]): FieldChange {
  const { field, ...values } = change;
  const hidden = (value: unknown, before: boolean) => valueAsWritten(field, value, referenced, before);
  return {
    field,
    ...("from" in values && { from: hidden(values.from, true) }),
    ...("to" in values && { to: hidden(values.to, false) }),
  };
}

function valueAsWritten(
  key: string,
  value: unknown,
  referenced: readonly Referenced[],
  before: boolean,
): unknown {
  if (Array.isArray(value)) return value.map((one) => valueAsWritten(key, one, referenced, before));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([inner, one]) => [inner, valueAsWritten(inner, one, referenced, before)]),
    );
  }
  const known = referenced.filter((one) => one.key === key);
  const same = known.find((one) => isFrom(one.value, value));
  return (same ?? (before ? known[0] : undefined))?.written ?? value;
}

/** Whether a value is the one that came from the environment; in a series, its name has a number behind. */
function isFrom(given: Referenced["value"], value: unknown): boolean {
  if (value === given) return true;
  if (typeof value !== "string" || typeof given !== "string" || !value.startsWith(`${given}-`)) return false;
  return /^\d+$/.test(value.slice(given.length + 1));
}
