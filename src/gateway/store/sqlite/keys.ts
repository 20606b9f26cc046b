import type { KeyStore, StoredKey } from "../store";
import type { Connection, Row } from "./connection";

/** The keys of a store. */
export function keysIn(db: Connection): KeyStore {
  const add = db.prepare(
    "INSERT INTO keys VALUES (:id, :name, :hash, :readOnly, :prefix, :createdAt, :expiresAt, :output) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM keys WHERE id = ?");
  const list = db.prepare("SELECT * FROM keys ORDER BY name");
  const remove = db.prepare("DELETE FROM keys WHERE id = :key OR name = :key");
  return {
    add: ({ readOnly, prefix = null, expiresAt = null, output = null, ...key }) =>
      db.write(
        () => add.run({ ...key, readOnly: readOnly ? 1 : 0, prefix, expiresAt, output }).changes === 1,
      ),
    find: (id) =>
      db.read(() => {
        const row = find.get(id);
        return row && keyOf(row);
      }),
    list: () => db.read(() => list.all().map(keyOf)),
    remove: (key) => db.write(() => Number(remove.run({ key }).changes) > 0),
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
