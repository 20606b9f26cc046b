import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** How a round of a watch ended: nothing had to be done, something was changed, or it or a resource failed. */
export type RoundResult = "unchanged" | "changed" | "failed";

/** A round of a watch that has ended. */
export interface EndedRound {
  result: RoundResult;
  seconds: number;
  /** The rooms and recordings of the stack; undefined where the round did not come to know. */
  resources?: number | undefined;
  /** Those with drift, before it was repaired; undefined as above, and for a round that read some rooms only. */
  drifted?: number | undefined;
}

/** What became of a delivery to the webhook of a watch. */
export type DeliveryResult = "woken" | "ignored" | "rejected";

/** The metrics of `rtc reconcile --watch`. */
export class WatchMetrics {
  readonly #registry = new Registry();
  readonly #rounds = new Counter({
    name: "rtc_reconcile_rounds_total",
    help: "Rounds by result: unchanged, changed, or failed.",
    labelNames: ["result"],
    registers: [this.#registry],
  });
  readonly #duration = new Gauge({
    name: "rtc_reconcile_last_round_duration_seconds",
    help: "How long the last round took.",
    registers: [this.#registry],
  });
  readonly #success = new Gauge({
    name: "rtc_reconcile_last_success_timestamp_seconds",
    help: "When the last round ended that did not fail, in seconds since 1970; 0 before the first.",
    registers: [this.#registry],
  });
  readonly #resources = new Gauge({
    name: "rtc_reconcile_resources",
    help: "Rooms and recordings that the stack manages.",
    registers: [this.#registry],
  });
  readonly #drifted = new Gauge({
    name: "rtc_reconcile_drifted_resources",
    help: "Rooms and recordings with drift at the last round that observed all of them, before it was repaired.",
    registers: [this.#registry],
  });
  readonly #deliveries = new Counter({
    name: "rtc_reconcile_webhook_deliveries_total",
    help: "Deliveries of a vendor's webhook: woken (a round follows), ignored, or rejected.",
    labelNames: ["result"],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    // A counter without a value is not shown, so that an alert on its increase would miss the first one.
    for (const result of ["unchanged", "changed", "failed"] satisfies RoundResult[])
      this.#rounds.inc({ result }, 0);
    for (const result of ["woken", "ignored", "rejected"] satisfies DeliveryResult[])
      this.#deliveries.inc({ result }, 0);
  }

  /** @param at the wall clock, in milliseconds since 1970 */
  recordRound({ result, seconds, resources, drifted }: EndedRound, at: number): void {
    this.#rounds.inc({ result });
    this.#duration.set(seconds);
    if (result !== "failed") this.#success.set(at / 1_000);
    if (resources !== undefined) this.#resources.set(resources);
    if (drifted !== undefined) this.#drifted.set(drifted);
  }

  recordDelivery(result: DeliveryResult): void {
    this.#deliveries.inc({ result });
  }

  /** In the text format of Prometheus. */
  async text(): Promise<{ contentType: string; body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
