import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Settings by which a stack encrypts its secrets with the stand-in. */
export interface Keeper {
  /** For `pulumi stack init --secrets-provider`. */
  provider: string;
  env: Record<"VAULT_SERVER_URL" | "VAULT_SERVER_TOKEN", string>;
}

/** A stand-in's word for "encrypted": nothing is. */
const PREFIX = "vault:v1:";

/**
 * A stand-in of HashiCorp Vault, which has nothing of it but the two calls by which Pulumi encrypts and decrypts the key
 * of a stack's secrets. From a passphrase each command of the CLI would derive that key again, which is a seventh of the
 * processor time of a refresh. What is in the state is encrypted by Pulumi itself, in the same way.
 */
export async function startVaultStandin(): Promise<Keeper & { close(): void }> {
  const server = createServer(async (request, response) => {
    const { plaintext, ciphertext } = JSON.parse(await text(request)) as Record<string, string | undefined>;
    const answer = {
      "/v1/transit/encrypt/tests": plaintext && { ciphertext: PREFIX + plaintext },
      "/v1/transit/decrypt/tests": ciphertext?.startsWith(PREFIX) && {
        plaintext: ciphertext.slice(PREFIX.length),
      },
    }[request.url ?? ""];
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ? { data: answer } : { errors: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    provider: "hashivault://tests",
    env: { VAULT_SERVER_URL: `http://127.0.0.1:${port}`, VAULT_SERVER_TOKEN: "stand-in" },
    close: () => void server.close(),
  };
}
