import { sql } from "kysely";
import type { AnswerStore, Claim, Claimant } from "../store";
import { ANSWER_LIFETIME_MS, claimOf } from "../stored-answer";
import type { PostgresConnection } from "./connection";

/** The answers of a store. */
export function answersIn(db: PostgresConnection): AnswerStore {
  const update = (
    { scope, leaseOwner }: Claimant,
    to: { lease_until: number; status?: number; content_type?: string; body?: string },
  ) =>
    db.write(async (trx) => {
      const ours = trx.updateTable("rtc_answers").set(to).where("scope", "=", scope);
      await ours.where("holder", "=", leaseOwner).execute();
    });
  return {
    claim: (claimant) =>
      db.write(async (trx): Promise<Claim> => {
        const { scope, fingerprint, leaseOwner: holder, now, leaseMs } = claimant;
        const until = now + leaseMs;
        // Rows that another gateway removes at this moment are left to it.
        await sql`delete from rtc_answers where scope in (
          select scope from rtc_answers where begun_at <= ${now - ANSWER_LIFETIME_MS} and lease_until <= ${now}
          for update skip locked)`.execute(trx);
        const begun = await trx
          .insertInto("rtc_answers")
          .values({ scope, fingerprint, holder, begun_at: now, lease_until: until })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (begun.numInsertedOrUpdatedRows === 1n) return { state: "ours" };
        const row = await trx
          .selectFrom("rtc_answers")
          .selectAll()
          .where("scope", "=", scope)
          .forUpdate()
          .executeTakeFirst();
        // It expired between the two statements.
        if (!row) return { state: "in progress" };
        const claim = claimOf(row, claimant);
        if (claim.state === "ours")
          await trx
            .updateTable("rtc_answers")
            .set({ holder, lease_until: until })
            .where("scope", "=", scope)
            .execute();
        return claim;
      }),
    renew: (claimant, now) => update(claimant, { lease_until: now + claimant.leaseMs }),
    finish: (claimant, { status, contentType, body }) =>
      update(claimant, { lease_until: 0, status, content_type: contentType, body }),
    release: (claimant) => update(claimant, { lease_until: 0 }),
  };
}
