import type { RtcClient } from "../../src/client/types.ts";
import { type RoomResourceInput, same } from "../../src/contract/index.ts";
import type { Properties } from "../../src/reconcile/lifecycle.ts";
import { UNKNOWN } from "../../src/reconcile/state.ts";
import {
  checked,
  type EngineOptions,
  isRecorded,
  type Lifecycles,
  newProcess,
  type Program,
  type Recorded,
  wire,
} from "./engine-process.ts";

export type { Program } from "./engine-process.ts";

/** What happened, or in a preview would happen, e.g. `["replace standup"]`; what stays as it is left out. */
export type Changes = string[];

interface Resource {
  kind: "room" | "recording";
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** The resource name of the room that a recording is of. */
  records?: string;
}

/** One run of a program. */
interface Run {
  dryRun: boolean;
  lifecycles: Lifecycles;
  /** What has happened so far, by resource name; `deleted`: before its room, and not recreated yet. */
  done: Map<string, "create" | "replace" | "update" | "same" | "deleted">;
  vendors: Map<string, unknown>;
}

/**
 * Runs the lifecycles of rooms and recordings in the order in which the Pulumi engine does, with a state of its own
 * and a new process for each operation. The real engine runs in the end-to-end tests; this one is quick.
 */
export class Engine {
  /** By resource name; public, so that a case can read it. */
  readonly state = new Map<string, Resource>();
  /** The messages that the engine would print. */
  readonly logs: string[] = [];
  readonly #connect: () => RtcClient;
  readonly #options: EngineOptions;

  constructor(connect: () => RtcClient, options: EngineOptions = {}) {
    this.#connect = connect;
    this.#options = options;
  }

  async up(program: Program): Promise<Changes> {
    return this.#run(program, false, this.#lifecycles());
  }

  async preview(program: Program): Promise<Changes> {
    return this.#run(program, true, this.#lifecycles());
  }

  /** Reads every resource; those that are gone leave the state. */
  async refresh(): Promise<Changes> {
    return this.#refresh(this.#lifecycles());
  }

  /** `up --refresh`, which is both in one process. */
  async upRefreshed(program: Program): Promise<Changes> {
    const lifecycles = this.#lifecycles();
    return [...(await this.#refresh(lifecycles)), ...(await this.#run(program, false, lifecycles))];
  }

  async #refresh(lifecycles: Lifecycles): Promise<Changes> {
    const changes: Changes = [];
    for (const [name, resource] of this.state) {
      const lifecycle = lifecycles[resource.kind];
      const found = await lifecycle.read(resource.id, wire(resource.outputs));
      if (found === null) {
        this.state.delete(name);
        changes.push(`delete ${name}`);
        continue;
      }
      if (!same(found.props, resource.outputs)) changes.push(`update ${name}`);
      // The engine diffs afterwards, against the old inputs and without a check before it.
      await lifecycle.diff(found.id, wire(found.props), wire(resource.inputs));
      this.state.set(name, { ...resource, inputs: wire(found.inputs), outputs: wire(found.props) });
    }
    return changes;
  }

  async destroy(): Promise<Changes> {
    return this.#delete([...this.state.keys()], this.#lifecycles());
  }

  async #run(program: Program, dryRun: boolean, lifecycles: Lifecycles): Promise<Changes> {
    const run: Run = { dryRun, lifecycles, done: new Map(), vendors: new Map() };
    for (const [name, declared] of Object.entries(program)) {
      run.done.set(name, await this.#step(run, name, declared));
    }
    const ops = Object.keys(program).map((name) => [run.done.get(name), name] as const);
    const changes = ops.filter(([op]) => op !== "same").map(([op, name]) => `${op} ${name}`);
    const rest = [...this.state.keys()].filter((name) => !(name in program));
    if (dryRun) return [...changes, ...rest.map((name) => `delete ${name}`)];
    return [...changes, ...(await this.#delete(rest, run.lifecycles))];
  }

  async #step(run: Run, name: string, declared: RoomResourceInput | Recorded) {
    const { dryRun } = run;
    const kind = isRecorded(declared) ? "recording" : "room";
    const lifecycle = run.lifecycles[kind];
    const records = "records" in declared ? declared.records : undefined;
    const news = this.#news(run, name, declared);
    const old = this.state.get(name);
    const inputs = checked(lifecycle, old?.inputs ?? {}, news);
    run.vendors.set(name, inputs["vendor"]);
    const resource = { kind, ...(records === undefined ? {} : { records }) } as const;
    const create = async (checkedInputs: Properties) => {
      const { id, outs } = await lifecycle.create(wire(checkedInputs));
      this.state.set(name, { ...resource, id, inputs: checkedInputs, outputs: wire(outs) });
    };
    if (old === undefined) {
      if (!dryRun) await create(inputs);
      return run.done.get(name) === "deleted" ? "replace" : "create";
    }
    const { replaces, changes } = await lifecycle.diff(old.id, wire(old.outputs), wire(inputs));
    if (replaces.length > 0) {
      await this.#makeWay(run, name);
      // A replacement is checked again, as if there were nothing yet.
      const checkedInputs = checked(lifecycle, {}, news);
      if (dryRun) return "replace";
      await this.#delete([name], run.lifecycles);
      await create(checkedInputs);
      return "replace";
    }
    if (changes === false || (changes === undefined && same(old.inputs, inputs))) {
      this.state.set(name, { ...old, inputs });
      return "same";
    }
    if (!dryRun) {
      const { outs } = await lifecycle.update(old.id, wire(old.outputs), wire(inputs));
      this.state.set(name, { ...old, inputs, outputs: wire(outs) });
    }
    return "update";
  }

  /** What depends on a resource that is about to be recreated goes before it, if it would be replaced too. */
  async #makeWay(run: Run, room: string): Promise<void> {
    for (const [name, { kind, id, inputs, outputs, records }] of [...this.state]) {
      if (records !== room) continue;
      // The engine asks with what would be unknown, and without a check.
      const news = { ...inputs, room: UNKNOWN, roomSid: UNKNOWN };
      const { replaces } = await run.lifecycles[kind].diff(id, wire(outputs), wire(news));
      if (replaces.length === 0 || run.dryRun) continue;
      await this.#delete([name], run.lifecycles);
      run.done.set(name, "deleted");
    }
  }

  /** The inputs of a resource as its class passes them to the engine. */
  #news(run: Run, name: string, declared: RoomResourceInput | Recorded): Properties {
    const { project = "acme", stack = "dev" } = this.#options;
    const urn = (type: string, of: string) => `urn:pulumi:${stack}::${project}::rtc:${type}::${of}`;
    const hidden = { name, project, stack, dryRun: run.dryRun };
    if (!isRecorded(declared))
      return { ...declared, __provider: "shim", __rtc: { ...hidden, urn: urn("RtcRoom", name) } };
    const __rtc = { ...hidden, urn: urn("RtcRecording", name) };
    if (!("records" in declared)) return { ...declared, __provider: "shim", __rtc };
    const { records, ...inputs } = declared;
    const room = this.state.get(records);
    const op = run.done.get(records) ?? "same";
    const isNew = run.dryRun && (op === "create" || op === "replace");
    return {
      room: isNew ? UNKNOWN : room?.id,
      roomSid: isNew || (run.dryRun && op === "update") ? UNKNOWN : room?.outputs["sid"],
      // One that a gateway chooses is not known before the room is made.
      vendor: run.vendors.get(records) ?? (isNew ? UNKNOWN : room?.outputs["vendor"]),
      ...inputs,
      __provider: "shim",
      __rtc: { ...__rtc, roomUrn: urn("RtcRoom", records) },
    };
  }

  /** Deletes resources, the last one first, and recordings before rooms. */
  async #delete(names: string[], lifecycles: Lifecycles): Promise<Changes> {
    const all = names.reverse().flatMap((name) => ({ name, resource: this.state.get(name) }));
    const ordered = [
      ...all.filter(({ resource }) => resource?.kind === "recording"),
      ...all.filter(({ resource }) => resource?.kind === "room"),
    ];
    for (const { name, resource } of ordered) {
      if (resource) await lifecycles[resource.kind].delete(resource.id, wire(resource.outputs));
      this.state.delete(name);
    }
    return ordered.map(({ name }) => `delete ${name}`);
  }

  #lifecycles(): Lifecycles {
    return newProcess(this.#connect(), this.#options, (message) => this.logs.push(message));
  }
}
