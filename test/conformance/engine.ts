import type { RtcClient } from "../../src/client/types.ts";
import {
  formatIssue,
  type RoomResourceInput,
  type RtcConfig,
  RtcError,
  same,
} from "../../src/contract/index.ts";
import { Memory } from "../../src/pulumi/lifecycle/memory.ts";
import { RoomLifecycle } from "../../src/pulumi/lifecycle/room.ts";
import type { Properties } from "../../src/pulumi/lifecycle/state.ts";

/** What a program declares: the inputs of its rooms, by resource name. */
export type Program = Record<string, RoomResourceInput>;

/** What happened, or in a preview would happen, e.g. `["replace standup"]`; what stays as it is left out. */
export type Changes = string[];

interface Resource {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

export interface EngineOptions {
  project?: string;
  stack?: string;
  config?: Pick<RtcConfig, "forceDestroy" | "ownerMark">;
}

/**
 * Runs the room lifecycle in the order in which the Pulumi engine does, with a state of its own and a new
 * process, so to say, for each operation. The real engine runs in the end-to-end tests; this one is quick.
 */
export class Engine {
  /** By resource name; public, so that a case can look at it. */
  readonly state = new Map<string, Resource>();
  /** What was said to the person. */
  readonly said: string[] = [];
  readonly #connect: () => RtcClient;
  readonly #options: Required<EngineOptions>;

  constructor(connect: () => RtcClient, options: EngineOptions = {}) {
    this.#connect = connect;
    this.#options = { project: "acme", stack: "dev", config: {}, ...options };
  }

  async up(program: Program): Promise<Changes> {
    return this.#run(program, false);
  }

  async preview(program: Program): Promise<Changes> {
    return this.#run(program, true);
  }

  /** Reads every resource; those that are gone leave the state. */
  async refresh(): Promise<Changes> {
    const lifecycle = this.#lifecycle();
    const changes: Changes = [];
    for (const [name, resource] of this.state) {
      const found = await lifecycle.read(resource.id, wire(resource.outputs));
      if (found === null) {
        this.state.delete(name);
        changes.push(`delete ${name}`);
        continue;
      }
      if (!same(found.props, resource.outputs)) changes.push(`update ${name}`);
      // The engine looks for differences afterwards, against the old inputs and with no check before it.
      await lifecycle.diff(found.id, wire(found.props), wire(resource.inputs));
      this.state.set(name, { id: found.id, inputs: wire(found.inputs), outputs: wire(found.props) });
    }
    return changes;
  }

  async destroy(): Promise<Changes> {
    const lifecycle = this.#lifecycle();
    const changes: Changes = [];
    for (const [name, { id, outputs }] of [...this.state].reverse()) {
      await lifecycle.delete(id, wire(outputs));
      this.state.delete(name);
      changes.push(`delete ${name}`);
    }
    return changes;
  }

  async #run(program: Program, dryRun: boolean): Promise<Changes> {
    const lifecycle = this.#lifecycle();
    const changes: Changes = [];
    for (const [name, declared] of Object.entries(program)) {
      const op = await this.#step(lifecycle, name, declared, dryRun);
      if (op !== "same") changes.push(`${op} ${name}`);
    }
    for (const [name, { id, outputs }] of [...this.state].reverse()) {
      if (name in program) continue;
      if (!dryRun) {
        await lifecycle.delete(id, wire(outputs));
        this.state.delete(name);
      }
      changes.push(`delete ${name}`);
    }
    return changes;
  }

  async #step(lifecycle: RoomLifecycle, name: string, declared: RoomResourceInput, dryRun: boolean) {
    const { project, stack } = this.#options;
    const urn = `urn:pulumi:${stack}::${project}::rtc:RtcRoom::${name}`;
    const news = { ...declared, __provider: "shim", __rtc: { urn, name, project, stack, dryRun } };
    const old = this.state.get(name);
    const inputs = checked(lifecycle, old?.inputs ?? {}, news);
    if (old === undefined) {
      if (!dryRun) await this.#create(lifecycle, name, inputs);
      return "create";
    }
    const { replaces, ...diff } = await lifecycle.diff(old.id, wire(old.outputs), wire(inputs));
    if (replaces.length > 0) {
      // A replacement is checked again, as if there were no room yet.
      const anew = checked(lifecycle, {}, news);
      if (dryRun) return "replace";
      await lifecycle.delete(old.id, wire(old.outputs));
      this.state.delete(name);
      await this.#create(lifecycle, name, anew);
      return "replace";
    }
    if (diff.changes === false || same(old.inputs, inputs)) {
      this.state.set(name, { ...old, inputs });
      return "same";
    }
    if (!dryRun) {
      const { outs } = await lifecycle.update(old.id, wire(old.outputs), wire(inputs));
      this.state.set(name, { id: old.id, inputs, outputs: wire(outs) });
    }
    return "update";
  }

  async #create(lifecycle: RoomLifecycle, name: string, inputs: Properties): Promise<void> {
    const { id, outs } = await lifecycle.create(wire(inputs));
    this.state.set(name, { id, inputs, outputs: wire(outs) });
  }

  #lifecycle(): RoomLifecycle {
    return new RoomLifecycle({
      client: this.#connect(),
      config: this.#options.config,
      memory: new Memory(),
      say: (_level, message) => this.said.push(message),
    });
  }
}

function checked(lifecycle: RoomLifecycle, olds: Properties, news: Properties): Properties {
  const { inputs, issues } = lifecycle.check(wire(olds), wire(news));
  if (issues.length === 0) return wire(inputs);
  throw new RtcError("INVALID_ARGUMENT", issues.map(formatIssue).join("\n"), { issues });
}

/** A value as it comes out at the other end of the engine's wire, which fails on what is not JSON. */
function wire<T>(value: T): T {
  refuseOddities(value);
  return structuredClone(value);
}

function refuseOddities(value: unknown): void {
  if (value === undefined || typeof value === "bigint" || typeof value === "function") {
    throw new Error(`The engine's wire has no ${typeof value}.`);
  }
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Error(`The engine's wire would empty a ${value.constructor.name}.`);
  }
  Object.values(value).forEach(refuseOddities);
}
