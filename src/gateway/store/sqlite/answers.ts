import type { AnswerStore, Claim } from "../store";
import { ANSWER_LIFETIME_MS, type AnswerRow, claimOf } from "../stored-answer";
import type { Connection, Row } from "./connection";

/** The answers of a store. */
export function answersIn(db: Connection): AnswerStore {
  const expire = db.prepare("DELETE FROM answers WHERE begun_at <= :before AND lease_until <= :now");
  const find = db.prepare("SELECT * FROM answers WHERE scope = ?");
  const begin = db.prepare(
    "INSERT INTO answers (scope, fingerprint, holder, begun_at, lease_until) VALUES (:scope, :fingerprint, :holder, :now, :until)",
  );
  const takeLease = db.prepare(
    "UPDATE answers SET holder = :holder, lease_until = :until WHERE scope = :scope",
  );
  const lease = db.prepare(
    "UPDATE answers SET lease_until = :until WHERE scope = :scope AND holder = :holder",
  );
  const finish = db.prepare(
    "UPDATE answers SET lease_until = 0, status = :status, content_type = :contentType, body = :body WHERE scope = :scope AND holder = :holder",
  );
  return {
    claim: (claimant) =>
      db.write((): Claim => {
        const { scope, fingerprint, leaseOwner: holder, now, leaseMs } = claimant;
        const until = now + leaseMs;
        expire.run({ before: now - ANSWER_LIFETIME_MS, now });
        const row = find.get(scope);
        if (!row) {
          begin.run({ scope, fingerprint, holder, now, until });
          return { state: "ours" };
        }
        const claim = claimOf(rowOf(row), claimant);
        if (claim.state === "ours") takeLease.run({ scope, holder, until });
        return claim;
      }),
    renew: ({ scope, leaseOwner: holder, leaseMs }, now) =>
      db.write(() => void lease.run({ scope, holder, until: now + leaseMs })),
    finish: ({ scope, leaseOwner: holder }, { status, contentType, body }) =>
      db.write(() => void finish.run({ scope, holder, status, contentType, body })),
    release: ({ scope, leaseOwner: holder }) => db.write(() => void lease.run({ scope, holder, until: 0 })),
  };
}

function rowOf(row: Row): AnswerRow {
  const { status, content_type: type, body } = row;
  return {
    fingerprint: String(row["fingerprint"]),
    begun_at: Number(row["begun_at"]),
    lease_until: Number(row["lease_until"]),
    status: typeof status === "number" ? status : null,
    content_type: typeof type === "string" ? type : null,
    body: typeof body === "string" ? body : null,
  };
}
