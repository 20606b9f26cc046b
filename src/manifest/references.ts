import { type Document, isPair, isScalar, isSeq, Scalar, visit } from "yaml";
import { isSecretVariable } from "../client/config";
import { formatPath, isRounded, MOST_ISSUES, type Problem, ROUNDED } from "../contract";

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
      for (const message of wrong) report(problems, [...path, node], { offset, message });
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

/** A problem and its location in a file. */
export interface LocatedProblem {
  offset: number;
  /** The property path; absent for a problem of the file's syntax. */
  path?: string | undefined;
  message: string;
  /** Where the displayed line ends: the rest may be a secret. */
  hideFrom?: number | undefined;
}

/**
 * Adds a problem with its property path, by the nodes from the document down to where it is. Beyond the problems that are
 * listed the path is left out, since each one searches its sequence for an item.
 */
export function report(found: LocatedProblem[], nodes: readonly unknown[], problem: LocatedProblem): void {
  if (found.length >= MOST_ISSUES) return void found.push(problem);
  const path = nodes.flatMap((node, index): PropertyKey[] => {
    if (isPair(node)) {
      // As it is written: of 007 the value is 7.
      const key = isScalar(node.key) ? String(node.key.source ?? node.key.value ?? "") : "";
      return key === "" ? [] : [key];
    }
    const item = isSeq(node) ? node.items.indexOf(nodes[index + 1]) : -1;
    return item === -1 ? [] : [item];
  });
  found.push({ ...problem, path: formatPath(path) });
}

/** Values that are credentials, wherever they stand. */
const VALUES: readonly [RegExp, string][] = [
  [/(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\./, "a token"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, "an access key"],
  [/:\/\/[^/\s:@]+:[^/\s@]+@/, "a password in an address"],
  [/\b(AccountKey|SharedAccessSignature|sig)=[\w%+/=-]{16,}/, "a storage key"],
];

/** Names of values that are credentials. */
const NAMES =
  /(^|[_-])(secret|password|passwd|passphrase|credentials?|token|api_?key|access_?key|private_?key)$/;

/** Secrets in a manifest: it is in git, the state contains its declarations, and every participant in a room can read the metadata. */
export function inlineSecrets(value: unknown, path: PropertyKey[] = []): Problem[] {
  if (typeof value === "string") {
    const what = VALUES.find(([pattern]) => pattern.test(value))?.[1] ?? namedAsSecret(path, value);
    if (what === undefined) return [];
    const message = `looks like ${what}: put secrets into the configuration (pulumi config set --secret, or the environment), not into a manifest`;
    return [{ path, message }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    inlineSecrets(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function namedAsSecret(path: readonly PropertyKey[], value: string): string | undefined {
  const name = String(path.at(-1))
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .toLowerCase();
  return value !== "" && path.includes("metadata") && NAMES.test(name) ? "a secret" : undefined;
}
