import { type Document, isPair, isScalar, Scalar, visit } from "yaml";
import { isSecretVariable } from "../client/config";
import type { Placed } from "./placed";

/** `${env:NAME}`, `${env:NAME:-default}`, the escape `$${`, and any other `${`, which is a mistake. */
const REFERENCE = /\$\$\{|\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

/** A value that came from the environment. */
export interface Referenced {
  /** The nearest key above it: `maxParticipants`, `team`. */
  key: string;
  /** As it is in the manifest: `hall-${env:SITE}`. */
  written: string;
  value: string | number | boolean;
}

/**
 * Puts the environment's values in the place of its references, in values and never in keys. A plain value that is one
 * reference and nothing else is read as YAML reads a number or a truth; any other stays a text. A variable that holds a
 * credential is no value of a manifest: what that declares is in the state, and metadata is shown to everyone in the room.
 *
 * @returns the references that nothing answers, or that must not be, and the values that came from the environment
 */
export function resolveReferences(
  document: Document,
  environment: NodeJS.ProcessEnv,
): { problems: Placed[]; referenced: Referenced[] } {
  const problems: Placed[] = [];
  const referenced: Referenced[] = [];
  visit(document, {
    Scalar(key, node, path) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) return;
      const offset = node.range?.[0] ?? 0;
      const { value } = node;
      // Each once for a value, which may hold the same mistake a million times.
      const wrong = new Set<string>();
      const text = value.replace(REFERENCE, (whole, name?: string, fallback?: string) => {
        if (whole === "$${") return "${";
        const message = problemOf(name, fallback, environment);
        if (message === undefined) return (name && environment[name]) || fallback || "";
        wrong.add(message);
        return "";
      });
      const whole = /^\$\{env:[^}]*\}$/.test(value) && node.type === Scalar.PLAIN;
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
  if (isSecretVariable(name, environment))
    return `${name} holds a credential, which is no value of a manifest: what it declares is in the state, and metadata is shown to everyone in the room`;
  return environment[name] || fallback !== undefined ? undefined : `${name} is not set in the environment`;
}

function nearestKey(path: readonly unknown[]): string {
  const pair = path.findLast((one) => isPair(one));
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : "";
}

const UNREADABLE = `is no reference: write \${env:NAME} or \${env:NAME:-default}, and $\${ for \${ itself`;

function plainValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}
