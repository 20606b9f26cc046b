import type { RtcConfig } from "../../../src/client/config.ts";
import { localClient } from "../../../src/client/local.ts";
import type { Registry } from "../../../src/client/vendors.ts";
import { type Issue, ownershipTag, type RoomResourceInput } from "../../../src/contract/index.ts";
import { type Kind, lifecyclesOf } from "../../../src/reconcile/kinds.ts";
import {
  type Lifecycle,
  newProcess,
  type Properties,
  type Report,
} from "../../../src/reconcile/lifecycle.ts";

import { TurnedClock } from "../../conformance/clock.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";

/** A resource as state holds it. */
export interface Resource {
  id: string;
  inputs: Properties;
  outs: Properties;
}

interface Options {
  config?: RtcConfig;
  regions?: string[];
  /** Whether the vendor can record. Default true. */
  records?: boolean;
  /** The vendors of the configuration, in memory. Default: one with persistent rooms, `memory`. */
  vendors?(vendor: MemoryVendor): Registry;
}

interface CheckOptions {
  name?: string;
  olds?: Properties;
  dryRun?: boolean;
  /** Whether Pulumi protects it. Default false. */
  protect?: boolean;
}

type Lifecycles = Record<Kind, Lifecycle>;

/** One stack, whose resources are at a vendor in memory. */
export class TestStack {
  readonly vendor = new MemoryVendor();
  /** What was reported to the user, with its row. */
  readonly logs: { level: string; message: string; urn: string | undefined }[] = [];
  /** Turned by whoever waits. */
  readonly clock = new TurnedClock();
  #current: Lifecycles;
  readonly options: Options;
  readonly stack: string;

  constructor(options: Options = {}, stack = "dev") {
    this.options = options;
    this.stack = stack;
    this.#current = this.#process();
  }

  /** The lifecycle as the engine's current process has it. */
  get room(): Lifecycle {
    return this.#current.room;
  }

  get recording(): Lifecycle {
    return this.#current.recording;
  }

  /** The engine ends and starts again: what was in memory only is lost. */
  newProcess(): this {
    this.#current = this.#process();
    return this;
  }

  /** A stack at the same vendor whose process is its own. */
  sibling(stack: string, options = this.options): TestStack {
    const other = new TestStack(options, stack);
    Object.assign(other, { vendor: this.vendor });
    return other.newProcess();
  }

  urn(name = "hall"): string {
    return `urn:pulumi:${this.stack}::acme::rtc:RtcRoom::${name}`;
  }

  tag(name = "hall"): string {
    return ownershipTag({ project: "acme", stack: this.stack, urn: this.urn(name) });
  }

  /** Calls check as the engine does for a resource of this name. */
  check(
    inputs: Properties,
    { name = "hall", olds = {}, dryRun = false, protect = false }: CheckOptions = {},
  ): { inputs: Properties; issues: Issue[] } {
    const hidden = { urn: this.urn(name), name, project: "acme", stack: this.stack, dryRun, protect };
    return this.room.check(olds, { ...inputs, __provider: "shim", __rtc: hidden });
  }

  /** Declares and makes a room. */
  async up(declared: RoomResourceInput = {}, name = "hall"): Promise<Resource> {
    const { inputs } = this.check({ ...declared }, { name });
    const { id, outs } = await this.room.create(inputs);
    return { id, inputs, outs };
  }

  /** Declares other inputs for a resource that there is: check, then diff. */
  async plan(resource: Resource, declared: Properties, dryRun = false, name = "hall") {
    const { inputs } = this.check(declared, { name, olds: resource.inputs, dryRun });
    return { inputs, diff: await this.room.diff(resource.id, resource.outs, inputs) };
  }

  #process(): Lifecycles {
    const { config = {}, regions, records = true, vendors } = this.options;
    const adapter = memoryAdapter(this.vendor, regions);
    const memory = () => (records ? adapter : withoutRecorder(adapter));
    const client = localClient(config, vendors?.(this.vendor) ?? { memory });
    const report: Report = (level, message, urn) => this.logs.push({ level, message, urn });
    return lifecyclesOf(newProcess({ client, config, report, clock: this.clock }));
  }
}

/** A room's place at the vendor. */
export function at(name: string) {
  return { region: null, name };
}
