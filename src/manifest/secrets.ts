import type { Problem } from "../contract";

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
