const JWT = /eyJ[\w-]+\.[\w-]*\.?[\w-]*/g;

/** Takes given secrets, and anything that looks like a JWT, out of a text. Vendors quote tokens in their errors. */
export function redact(text: string, secrets: readonly string[]): string {
  return (
    secrets
      .filter((secret) => secret.length >= 4)
      // The longest first: what begins with another secret must not keep its end.
      .sort((a, b) => b.length - a.length)
      .reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text)
      .replace(JWT, "[redacted token]")
  );
}
