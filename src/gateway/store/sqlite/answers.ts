import type { Answer, AnswerStore, Claim } from "../store";
import type { Connection, Row } from "./connection";

/** How long an answer is stored. */
const LIFETIME_MS = 24 * 3_600_000;

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
    claim: ({ scope, fingerprint, leaseOwner, now, leaseMs }) =>
      db.write((): Claim => {
        expire.run({ before: now - LIFETIME_MS, now });
        const row = find.get(scope);
        const until = now + leaseMs;
        if (!row) {
          begin.run({ scope, fingerprint, holder: leaseOwner, now, until });
          return { state: "ours" };
        }
        if (row["fingerprint"] !== fingerprint) return { state: "conflict" };
        const answer = answerOf(row);
        if (answer) return { state: "answered", answer };
        const remainingMs = Number(row["lease_until"]) - now;
        // A longer lease means that the clock was stepped back since, so the lease does not count.
        if (remainingMs > 0 && remainingMs <= leaseMs) return { state: "in progress" };
        takeLease.run({ scope, holder: leaseOwner, until });
        return { state: "ours", since: Number(row["begun_at"]) };
      }),
    renew: ({ scope, leaseOwner: holder, leaseMs }, now) =>
      db.write(() => void lease.run({ scope, holder, until: now + leaseMs })),
    finish: ({ scope, leaseOwner: holder }, { status, contentType, body }) =>
      db.write(() => void finish.run({ scope, holder, status, contentType, body })),
    release: ({ scope, leaseOwner: holder }) => db.write(() => void lease.run({ scope, holder, until: 0 })),
  };
}

function answerOf({ status, content_type: contentType, body }: Row): Answer | undefined {
  if (typeof status !== "number") return undefined;
  return { status, contentType: String(contentType), body: String(body) };
}
