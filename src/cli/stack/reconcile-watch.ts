import type { RtcConfig } from "../../client/config";
import { receiveWebhook, webhookVendors } from "../../client/webhooks";
import { RtcError } from "../../contract";
import { WatchMetrics } from "../../gateway/middleware/watch-metrics";
import { serveWatch } from "../../gateway/watch";
import type { ManifestOptions } from "../command";
import type { DriftSender } from "../drift-webhook";
import { EXIT } from "../exit-codes";
import { type Io, reportError } from "../io";
import { errorOf, failedRoundLine, type ReportedRound, roundLine } from "../report/round-line";
import { nothing, waitingFor } from "../silence";
import { whenUnlocked } from "../wait";
import { type DeclaredStack, openDeclared } from "./declared";
import type { Deployment } from "./engine";
import type { DeletesAllowed } from "./removals";
import { type Round, type RoundOptions, reconcileRooms, reconcileStack } from "./rounds";
import { managedIn } from "./stack-state";
import { Wakes, type Woken } from "./wakes";
import { watch } from "./watch";

/** How long a round may take: an `up` of a thousand rooms is over sooner. */
const MOST_ROUND_SECONDS = 900;

/** How many events of rooms that the stack does not manage are kept until the end of a round. */
const MOST_UNKNOWN = 1_000;

/** How a stack is watched. */
export interface ReconcileWatchOptions extends ManifestOptions, DeletesAllowed {
  /** Seconds between polled rounds. */
  every: number;
  /** Where `/livez`, `/metrics` and the webhooks are served; undefined: nowhere. */
  listen: { host: string; port: number } | undefined;
  quiet: boolean;
  /** Takes the drift that rounds find. */
  sender: DriftSender;
}

/** Reconciles a stack until SIGTERM or SIGINT. Of what it waits for, its rounds say all there is to say. */
export function watchStack(options: ReconcileWatchOptions, io: Io): Promise<void> {
  return waitingFor(nothing, () => watchUntilStopped(options, io));
}

async function watchUntilStopped(options: ReconcileWatchOptions, io: Io): Promise<void> {
  const watched = new WatchedStack(options, io);
  const server = options.listen && (await serveWatch({ ...options.listen, ...watched.served }));
  if (server) {
    const paths = ["/livez", "/metrics", ...webhookVendors().map((vendor) => `/webhooks/${vendor}`)];
    io.note(`listening on ${server.address}: ${paths.join(", ")}`);
  }
  try {
    await watched.run();
  } finally {
    await server?.stop();
  }
}

/** A stack between its rounds. */
class WatchedStack {
  readonly #options: ReconcileWatchOptions;
  readonly #io: Io;
  readonly #metrics = new WatchMetrics();
  readonly #wakes = new Wakes();
  /** Opened by the last polled round, and kept for those that events wake. Undefined where it failed. */
  #open: { declared: DeclaredStack; close(): void; state: Deployment } | undefined;
  /** The configuration of the last polled round that read it, whose keys verify deliveries. */
  #settings: RtcConfig | undefined;
  /** The ids of the rooms that the stack manages. */
  #rooms = new Set<string>();
  /** The events of other rooms in this round, which may be creating them. */
  readonly #unknown = new Map<string, string>();
  #name: { project: string | null; stack: string | null };
  /** When the current round began, monotonic; undefined between rounds. */
  #began: number | undefined;
  #woken: Woken | undefined;
  #drifted: number | undefined;

  constructor(options: ReconcileWatchOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#name = { project: null, stack: options.stack ?? null };
  }

  /** What its server answers with. */
  readonly served = {
    metrics: this.#metrics,
    problem: (): string | undefined => {
      const seconds = this.#began === undefined ? 0 : this.#secondsSince(this.#began);
      const most = MOST_ROUND_SECONDS + (this.#options.wait ?? 0);
      return seconds > most ? `a round has run for ${Math.round(seconds)} s, more than ${most} s` : undefined;
    },
    deliver: async (vendor: string, body: string, authorization: string | undefined): Promise<boolean> => {
      if (this.#settings === undefined)
        throw new RtcError("UNAVAILABLE", "the first round has not read the configuration yet");
      const received = await receiveWebhook(this.#settings, vendor, body, authorization);
      const { rooms = [], event = "" } = received ?? {};
      return rooms.map((room) => this.#happened(room, event)).includes(true);
    },
  };

  /** Takes an event; returns whether it leads to a round. */
  #happened(room: string, event: string): boolean {
    if (this.#rooms.has(room)) return this.#wakes.add(room, event);
    if (this.#began !== undefined && this.#unknown.size < MOST_UNKNOWN) this.#unknown.set(room, event);
    return false;
  }

  async run(): Promise<void> {
    const { every, json = false, quiet } = this.#options;
    const onError = (error: unknown, waitedSeconds: number) => {
      const about = this.#reported();
      this.#began = undefined;
      this.#metrics.recordRound({ result: "failed", seconds: about.seconds }, about.at);
      if (json) {
        const failed = { changes: {}, resources: [], errors: [errorOf(error)], acted: false };
        this.#io.data({ ...this.#name, result: "failed", ...failed, ...timing(about) }, true);
      }
      if (json || quiet) reportError(error, json);
      if (json) this.#io.note(`trying again in ${Math.round(waitedSeconds)} s`);
      else if (!quiet) this.#io.note(failedRoundLine(about, error, waitedSeconds));
    };
    const round = (woken: Woken) => this.#unlocked(() => this.#wokenRound(woken));
    const polled = () => this.#unlocked(() => this.#polledRound());
    try {
      await watch(every, polled, onError, { wakes: this.#wakes, round });
    } finally {
      this.#close();
      await this.#options.sender.settled();
    }
  }

  /** Runs a round, and again from its beginning where `--wait` lets it wait for another run. */
  #unlocked<T>(round: () => Promise<T>): Promise<T> {
    const { wait } = this.#options;
    return wait === undefined ? round() : whenUnlocked(wait, { note: () => {} }, round);
  }

  async #polledRound(woken?: Woken): Promise<boolean> {
    this.#begin(woken);
    this.#close();
    const { declared, close } = await openDeclared(this.#options);
    this.#open = { declared, close, state: declared.state };
    try {
      const { engine } = declared;
      this.#name = { project: engine.project, stack: engine.name };
      this.#settings = engine.settings();
      this.#know(declared.state);
      const round = await reconcileStack(declared, this.#roundOptions(false));
      await this.#conclude(round);
      return round.code === EXIT.done;
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  async #wokenRound(woken: Woken): Promise<void> {
    this.#begin(woken);
    const open = this.#open;
    const round = open && (await reconcileRooms(open.declared, open.state, woken, this.#roundOptions(true)));
    if (round === undefined) await this.#polledRound(woken);
    else await this.#conclude(round);
  }

  /** @param isPart of some rooms only */
  #roundOptions(isPart: boolean): RoundOptions {
    const silent = { note: () => {} };
    return {
      ...this.#options,
      progress: { preview: silent, up: silent },
      onDrift: (drift) => {
        if (!isPart) this.#drifted = drift.resources.length;
        this.#options.sender.send(drift, isPart);
      },
    };
  }

  /** Reports a round that ended without an error, and reads the state that it has left. */
  async #conclude(round: Round): Promise<void> {
    const { code, result } = round;
    const about = this.#reported();
    const { json = false, quiet } = this.#options;
    if (json) this.#io.data({ ...result, ...timing(about) }, true);
    else if (!quiet || code !== EXIT.done) this.#io.note(roundLine(about, round));
    const open = this.#open;
    if (open && result.acted) {
      try {
        open.state = await open.declared.engine.state();
      } catch {
        // The next polled round reports it.
        this.#close();
      }
    }
    if (open) this.#know(open.state);
    this.#unknown.clear();
    const ended = code !== EXIT.done ? "failed" : result.acted ? "changed" : "unchanged";
    const { seconds, at } = about;
    const counts = { resources: open && managedIn(open.state).length, drifted: this.#drifted };
    this.#metrics.recordRound({ result: ended, seconds, ...counts }, at);
    this.#began = undefined;
  }

  #begin(woken: Woken | undefined): void {
    this.#began ??= performance.now();
    this.#woken = woken;
    this.#drifted = undefined;
  }

  #reported(): ReportedRound {
    const seconds = this.#secondsSince(this.#began ?? performance.now());
    const { project, stack } = this.#name;
    const name = [project, stack].filter((part) => part !== null).join("/");
    return { at: Date.now(), seconds, stack: name || this.#options.file, woken: this.#woken };
  }

  #know(state: Deployment): void {
    const ids = managedIn(state).map(({ kind, id, outputs }) =>
      kind === "room" ? id : String(outputs["room"]),
    );
    this.#rooms = new Set(ids);
    for (const [room, event] of this.#unknown) if (this.#rooms.has(room)) this.#wakes.add(room, event);
  }

  #close(): void {
    this.#open?.close();
    this.#open = undefined;
  }

  #secondsSince(began: number): number {
    return (performance.now() - began) / 1_000;
  }
}

function timing({ seconds, woken }: ReportedRound) {
  return {
    seconds: Math.round(seconds * 1_000) / 1_000,
    ...(woken && { woken: [...woken].map(([room, event]) => ({ room, event })) }),
  };
}
