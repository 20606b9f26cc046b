import type { DatabaseSync } from "node:sqlite";
import type { KeyStore, StoredKey } from "../store";
import type { Row } from "./transaction";

/** The keys of a store. */
export function keysIn(db: DatabaseSync): KeyStore {
  const add = db.prepare(
    "INSERT INTO keys VALUES (:id, :name, :hash, :readOnly, :prefix, :createdAt, :expiresAt, :output) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM keys WHERE id = ?");
  const list = db.prepare("SELECT * FROM keys ORDER BY name");
  const remove = db.prepare("DELETE FROM keys WHERE id = :key OR name = :key");
  return {
    add: async ({ readOnly, prefix = null, expiresAt = null, output = null, ...key }) =>
      add.run({ ...key, readOnly: readOnly ? 1 : 0, prefix, expiresAt, output }).changes === 1,
    find: async (id) => {
      const row = find.get(id);
      return row && keyOf(row);
    },
    list: async () => list.all().map(keyOf),
    remove: async (key) => Number(remove.run({ key }).changes) > 0,
  };
}

function keyOf(row: Row): StoredKey {
  const { prefix, expires_at: expiresAt, output } = row;
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    hash: String(row["hash"]),
    readOnly: row["read_only"] === 1,
    createdAt: Number(row["created_at"]),
    ...(typeof prefix === "string" && { prefix }),
    ...(typeof output === "string" && { output }),
    ...(typeof expiresAt === "number" && { expiresAt }),
  };
}
