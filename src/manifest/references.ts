import { type Document, isPair, isScalar, Scalar, visit } from "yaml";
import { isSecretVariable } from "../client/config";
import { isRounded, ROUNDED } from "../contract";
import type { LocatedProblem } from "./located-problem";

/** `${env:NAME}`, `${env:NAME:-default}`, the escape `$${`, and any other `${`, which is a mistake. */
const REFERENCE = /\$\$\{|\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

/** A value that came from the environment. */
export interface Referenced {
  /** The nearest key above it: `maxParticipants`, `team`. */
  key: string;
  /** As written in the manifest: `hall-${env:SITE}`. */
  written: string;
  value: string | number | boolean;
}

/**
 * Replaces references by the environment's values, in values and never in keys. A plain value of only one reference is
 * read as a YAML number or boolean; any other is a string. A variable with a credential is rejected: the state contains
 * the declaration, and every participant in a room can read its metadata.
 *
 * @returns invalid references, and the values that came from the environment
 */
export function resolveReferences(
  document: Document,
  environment: NodeJS.ProcessEnv,
): { problems: LocatedProblem[]; referenced: Referenced[] } {
  const problems: LocatedProblem[] = [];
  const referenced: Referenced[] = [];
  visit(document, {
    Scalar(key, node, path) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) return;
      const offset = node.range?.[0] ?? 0;
      const { value } = node;
      // Each once, since a value may repeat the same mistake a million times.
      const wrong = new Set<string>();
      const text = value.replace(REFERENCE, (whole, name?: string, fallback?: string) => {
        if (whole === "$${") return "${";
        const message = problemOf(name, fallback, environment);
        if (message === undefined) return (name && environment[name]) || fallback || "";
        wrong.add(message);
        return "";
      });
      const whole = /^\$\{env:[^}]*\}$/.test(value) && node.type === Scalar.PLAIN;
      if (whole && wrong.size === 0 && isRounded(text)) wrong.add(`the value of ${value} ${ROUNDED}`);
      for (const message of wrong) problems.push({ offset, message });
      const resolved = whole ? plainValue(text) : text;
      node.value = resolved;
      if (value.includes("${env:"))
        referenced.push({ key: nearestKey(path), written: value, value: resolved });
    },
  });
  return { problems, referenced };
}

function problemOf(
  name: string | undefined,
  fallback: string | undefined,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  if (name === undefined) return UNREADABLE;
  if (fallback?.includes("${")) return `${name} has a reference as its default, which must be a text`;
  if (isSecretVariable(name, environment))
    return `${name} holds a credential, which a manifest must not contain: the state contains its declarations, and every participant in a room can read the metadata`;
  return environment[name] || fallback !== undefined ? undefined : `${name} is not set in the environment`;
}

function nearestKey(path: readonly unknown[]): string {
  const pair = path.findLast((one) => isPair(one));
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : "";
}

const UNREADABLE = `is no reference: write \${env:NAME} or \${env:NAME:-default}, and $\${ for \${ itself`;

function plainValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  // What would not read back the same is a text: 007, 1.50, 1e5.
  return String(Number(text)) === text && /\d$/.test(text) && !text.includes("e") ? Number(text) : text;
}
