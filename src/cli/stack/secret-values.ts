/** The signature of a secret in an exported state: a key of Pulumi's, and the value as JSON. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Whether a value of an exported state is or contains a secret. */
export function isSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Reflect.get(value, SIGNATURE) === SECRET || Object.values(value).some(isSecret);
}

/** Properties of an exported state with secrets in plain text, as a provider gets them. */
export function withoutSecrets(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (Reflect.get(value, SIGNATURE) !== SECRET) return withoutSecrets({ ...value });
  const text: unknown = Reflect.get(value, "plaintext");
  return typeof text === "string" ? plain(JSON.parse(text)) : undefined;
}
