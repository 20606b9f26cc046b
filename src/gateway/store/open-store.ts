import { openSqliteStore } from "./sqlite-store";
import type { Store } from "./store";

/** How the address of a PostgreSQL database begins. */
const POSTGRES = /^postgres(ql)?:\/\//;

/**
 * Opens a store by its address: `postgres://…`, or else a file of SQLite.
 *
 * @throws INVALID_ARGUMENT, UNAVAILABLE
 */
export async function openStore(address: string): Promise<Store> {
  if (!POSTGRES.test(address)) return openSqliteStore(address);
  // The driver is loaded only where it is used.
  const { openPostgresStore } = await import("./postgres-store.js");
  return openPostgresStore(address);
}

/** The password in a store's address, which no log may show. */
export function secretsIn(address: string): string[] {
  if (!POSTGRES.test(address) || !URL.canParse(address)) return [];
  const { password } = new URL(address);
  return password === "" ? [] : [password, decodeURIComponent(password)];
}
