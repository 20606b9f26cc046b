import type { Answer, AnswerStore, Claim } from "../store";
import type { Connection, Row } from "./connection";

/** How long an answer is given again. */
const KEPT_MS = 24 * 3_600_000;

/** The answers of a store. */
export function answersIn(db: Connection): AnswerStore {
  const forget = db.prepare("DELETE FROM answers WHERE begun_at <= :before AND lease_until <= :now");
  const find = db.prepare("SELECT * FROM answers WHERE scope = ?");
  const begin = db.prepare(
    "INSERT INTO answers (scope, fingerprint, holder, begun_at, lease_until) VALUES (:scope, :fingerprint, :holder, :now, :until)",
  );
  const takeOver = db.prepare(
    "UPDATE answers SET holder = :holder, lease_until = :until WHERE scope = :scope",
  );
  const lease = db.prepare(
    "UPDATE answers SET lease_until = :until WHERE scope = :scope AND holder = :holder",
  );
  const finish = db.prepare(
    "UPDATE answers SET lease_until = 0, status = :status, content_type = :contentType, body = :body WHERE scope = :scope AND holder = :holder",
  );
  return {
    claim: ({ scope, fingerprint, holder, now, leaseMs }) =>
      db.write((): Claim => {
        forget.run({ before: now - KEPT_MS, now });
        const row = find.get(scope);
        const until = now + leaseMs;
        if (!row) {
          begin.run({ scope, fingerprint, holder, now, until });
          return { state: "ours" };
        }
        if (row["fingerprint"] !== fingerprint) return { state: "conflict" };
        const answer = answerOf(row);
        if (answer) return { state: "answered", answer };
        const lasts = Number(row["lease_until"]) - now;
        // No lease reaches so far: the clock was stepped back since, and its process is not waited for until then.
        if (lasts > 0 && lasts <= leaseMs) return { state: "under way" };
        takeOver.run({ scope, holder, until });
        return { state: "ours", since: Number(row["begun_at"]) };
      }),
    renew: ({ scope, holder, leaseMs }, now) =>
      db.write(() => void lease.run({ scope, holder, until: now + leaseMs })),
    finish: ({ scope, holder }, { status, contentType, body }) =>
      db.write(() => void finish.run({ scope, holder, status, contentType, body })),
    release: ({ scope, holder }) => db.write(() => void lease.run({ scope, holder, until: 0 })),
  };
}

function answerOf({ status, content_type: contentType, body }: Row): Answer | undefined {
  if (typeof status !== "number") return undefined;
  return { status, contentType: String(contentType), body: String(body) };
}
