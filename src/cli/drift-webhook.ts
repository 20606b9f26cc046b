import { RtcError } from "../contract";
import { exchange, TransportError } from "../support/http";
import { RetryBudget, withRetries } from "../support/retry";
import type { Io } from "./io";
import type { DriftResult } from "./report/drift-report";

/** The timeout of one try, and that of all tries. */
const TRY_SECONDS = 5;
const SECONDS = 15;
/** The option, and the variable of {@link withDriftWebhook}. */
const SETTING = "--webhook or RTC_DRIFT_WEBHOOK";

/**
 * An address that drift is sent to. It may hold a secret, so that no message quotes any of it.
 *
 * @example await new DriftWebhook("https://hooks.example.com/T0/…").send(found)
 */
export class DriftWebhook {
  readonly #url: string;
  readonly #budget = new RetryBudget();

  /** @throws INVALID_ARGUMENT for what is no http(s) address */
  constructor(url: string) {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      const message = `the address of the drift webhook is no http(s) address: correct ${SETTING}`;
      throw new RtcError("INVALID_ARGUMENT", message);
    }
    this.#url = url;
  }

  /**
   * POSTs drift as JSON, as `rtc drift --json` prints it. Tries three times where there is no answer, or one of the
   * statuses 408, 429 and 5xx, so that the same may arrive twice.
   *
   * @throws UNAVAILABLE, DEADLINE_EXCEEDED or VENDOR_ERROR where it is not accepted
   */
  async send(drift: DriftResult): Promise<void> {
    const body = JSON.stringify(drift);
    const post = (seconds: number) => this.#post(body, seconds);
    const timeouts = { trySeconds: TRY_SECONDS, callSeconds: SECONDS };
    await withRetries(this.#budget, ({ retryable }) => retryable, post, timeouts);
  }

  async #post(body: string, seconds: number): Promise<void> {
    const headers = { "content-type": "application/json" };
    let status: number;
    try {
      ({ status } = await exchange({ method: "POST", url: this.#url, headers, body, seconds }));
    } catch (error) {
      // Its message names the origin.
      if (!(error instanceof TransportError)) throw error;
      throw new RtcError(error.code, `${NOT_SENT}: ${PROBLEMS[error.problem]}`, { retryable: true });
    }
    if (status >= 200 && status < 300) return;
    const retryable = status === 408 || status === 429 || status >= 500;
    throw new RtcError(
      retryable ? "UNAVAILABLE" : "VENDOR_ERROR",
      `${NOT_SENT}: it answered with ${status}`,
      {
        retryable,
      },
    );
  }
}

const NOT_SENT = `drift was not sent to the webhook of ${SETTING}`;
const PROBLEMS = {
  unreachable: "it cannot be reached",
  reset: "it broke off the connection",
  "timed out": "it did not answer in time",
  "too large": "its answer is too long",
} as const satisfies Record<TransportError["problem"], string>;

/**
 * Sends the drift of a command, without keeping it waiting. What it has sent it does not send again; after drift it also
 * sends once that there is none. A failure is a warning.
 *
 * @example
 * const sender = new DriftSender(process.env["RTC_DRIFT_WEBHOOK"], io);
 * sender.send(found);
 * await sender.settled();
 */
export class DriftSender {
  readonly #webhook: DriftWebhook | undefined;
  readonly #io: Pick<Io, "warn">;
  #sending: Promise<void> | undefined;
  #next: DriftResult | undefined;
  #last = "";

  /**
   * @param url nothing is sent where it is empty or undefined
   * @throws INVALID_ARGUMENT for what is no http(s) address
   */
  constructor(url: string | undefined, io: Pick<Io, "warn">) {
    this.#webhook = url ? new DriftWebhook(url) : undefined;
    this.#io = io;
  }

  /** @param isPart of some resources only, so that it cannot show that there is no drift */
  send(drift: DriftResult, isPart = false): void {
    const isNotable = drift.drifted || drift.errors.length > 0;
    const text = isNotable ? JSON.stringify(drift) : "";
    if (this.#webhook === undefined || text === this.#last || (isPart && text === "")) return;
    this.#last = text;
    this.#next = drift;
    this.#sending ??= this.#sendAll(this.#webhook);
  }

  /** Waits for what is being sent: less than half a minute. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(webhook: DriftWebhook): Promise<void> {
    // What has come meanwhile takes the place of what has not been sent.
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      try {
        await webhook.send(next);
      } catch (error) {
        if (!RtcError.isInstance(error)) throw error;
        this.#io.warn(error.message);
        // Else it would not be sent again.
        this.#last = "";
      }
    }
    this.#sending = undefined;
  }
}
