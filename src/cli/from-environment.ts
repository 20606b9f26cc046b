import type { Referenced } from "../manifest/references";
import type { PreviewResult } from "./report/preview-report";
import type { FieldChange } from "./stack/engine-events";

/**
 * A preview with values of the environment replaced by their references, `${env:NAME}`: more users can read a comment on a
 * pull request than the environment.
 */
export function withReferences(preview: PreviewResult, referenced: readonly Referenced[]): PreviewResult {
  const message = (text: string) => textWithReferences(text, referenced);
  return {
    ...preview,
    resources: preview.resources.map(({ fields, messages, ...resource }) => ({
      ...resource,
      fields: fields.map((field) => changeWithReferences(field, referenced)),
      messages: messages.map(message),
    })),
    errors: preview.errors.map((error) => ({ ...error, message: message(error.message) })),
  };
}

/** A text with the references of the values in it, as of a name in a room's id. */
function textWithReferences(text: string, referenced: readonly Referenced[]): string {
  const texts = referenced.filter(({ value }) => typeof value === "string" && value.length >= SHORTEST);
  return texts.reduce((all, { value, written }) => all.replaceAll(String(value), () => written), text);
}

/** A shorter value would match other words of a message. */
const SHORTEST = 4;
/** A previous value that may have come from any of several variables. */
const EARLIER = "(an earlier value from the environment)";

/** The previous value of the same key counts as an earlier value of the same variable. */
function changeWithReferences(change: FieldChange, referenced: readonly Referenced[]): FieldChange {
  const { field, ...values } = change;
  const hidden = (value: unknown, before: boolean) => valueWithReferences(field, value, referenced, before);
  return {
    field,
    ...("from" in values && { from: hidden(values.from, true) }),
    ...("to" in values && { to: hidden(values.to, false) }),
  };
}

function valueWithReferences(
  key: string,
  value: unknown,
  referenced: readonly Referenced[],
  before: boolean,
): unknown {
  if (Array.isArray(value)) return value.map((one) => valueWithReferences(key, one, referenced, before));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([inner, one]) => [inner, valueWithReferences(inner, one, referenced, before)]),
    );
  }
  const known = referenced.filter((one) => one.key === key);
  const same = known.find((one) => isFrom(one.value, value));
  if (same) return same.written;
  if (before && known.length > 0) return known.length === 1 ? known[0]?.written : EARLIER;
  return typeof value === "string" ? textWithReferences(value, referenced) : value;
}

/** Whether a value came from the environment; in a series a number follows the name. */
function isFrom(given: Referenced["value"], value: unknown): boolean {
  if (value === given) return true;
  if (typeof value !== "string" || typeof given !== "string" || !value.startsWith(`${given}-`)) return false;
  return /^\d+$/.test(value.slice(given.length + 1));
}
