import { type Document, Scalar, visit } from "yaml";
import type { Placed } from "./source";

/** `${env:NAME}`, `${env:NAME:-default}`, the escape `$${`, and any other `${`, which is a mistake. */
const REFERENCE = /\$\$\{|\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

/**
 * Puts the environment's values in the place of its references, in values and never in keys. A plain value that is one
 * reference and nothing else is read as YAML reads a number or a truth; any other stays a text.
 *
 * @returns the references that nothing answers
 */
export function resolveReferences(document: Document, environment: NodeJS.ProcessEnv): Placed[] {
  const found: Placed[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) return;
      const offset = node.range?.[0] ?? 0;
      const { value } = node;
      const text = value.replace(REFERENCE, (whole, name?: string, fallback?: string) => {
        if (whole === "$${") return "${";
        const given = name === undefined ? undefined : environment[name] || fallback;
        if (given !== undefined) return given;
        found.push({
          offset,
          message: name === undefined ? UNREADABLE : `${name} is not set in the environment`,
        });
        return "";
      });
      const whole = /^\$\{env:[^}]*\}$/.test(value) && node.type === Scalar.PLAIN;
      node.value = whole ? plainValue(text) : text;
    },
  });
  return found;
}

const UNREADABLE = `is no reference: write \${env:NAME} or \${env:NAME:-default}, and $\${ for \${ itself`;

function plainValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
