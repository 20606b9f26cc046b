import { localClient } from "../../src/client/local.ts";
import { strayRecordings } from "../../src/client/orphans.ts";
import { RtcError } from "../../src/contract/index.ts";
import { TurnedClock } from "../conformance/clock.ts";
import { type Changes, Engine } from "../conformance/engine.ts";
import type { EngineOptions } from "../conformance/engine-process.ts";
import { MemoryVendor } from "../conformance/memory.ts";
import { memoryAdapter } from "../conformance/memory-adapter.ts";
import type { Sabotage } from "../conformance/memory-world.ts";
import { finishAll, othersInMemory } from "./memory-others.ts";
import { mortal } from "./mortal.ts";
import { bareId, knownIn, type Observation } from "./observation.ts";
import type { Place, Ran, Run, Stage } from "./stage.ts";
import type { Command, Step } from "./steps.ts";

/** What a process is configured with: which server, and whether its key is that of now. */
interface Configured {
  server: MemoryVendor;
  key: number;
}

/** Whoever uses it has something broken on purpose: the vendor's adapter, the client, or the lifecycles. */
export type ModelSabotage = Sabotage & Pick<EngineOptions, "sabotage">;

const STACK = {
  project: "acme",
  stack: "dev",
  urn: (room: string) => `urn:pulumi:dev::acme::rtc:RtcRoom::${room}`,
};

/** The lifecycles over the vendor in memory, with the engine of the conformance suite. */
export class MemoryStage implements Stage {
  readonly stack = STACK;
  readonly isQuick = true;
  readonly vendor = new MemoryVendor();
  readonly #elsewhere = new MemoryVendor("https://elsewhere.example");
  readonly #sabotage: ModelSabotage;
  readonly #logs: string[] = [];
  #state: Engine["state"] = new Map();
  /** The key that the vendor takes. */
  #key = 0;
  /** What the last `up` has used, which is what the engine uses where no program runs. */
  #stored: Configured | undefined;

  constructor(sabotage: ModelSabotage = {}) {
    this.#sabotage = sabotage;
  }

  async run(command: Command, { program, killed, elsewhere = false, runProgram = false }: Run): Promise<Ran> {
    const now = { server: elsewhere ? this.#elsewhere : this.vendor, key: this.#key };
    const runs = Object.keys(program).length > 0;
    // A program that registers nothing brings no configuration: the engine then uses the one that it has stored.
    const stored = this.#stored ?? now;
    const reading = runProgram && runs ? now : stored;
    const writing = runs ? now : stored;
    const ran: Ran = { rejected: [], killed: false, changed: false, writes: [] };
    const phase = async (with_: Configured, what: (engine: Engine) => Promise<Changes>) => {
      if (ran.rejected.length === 0 && !ran.killed) await this.#phase(with_, killed, what, ran);
    };
    if (command === "up --refresh" && reading.server === writing.server && reading.key === writing.key) {
      if (runs) this.#stored = now;
      await phase(writing, (engine) => engine.upRefreshed(program));
    } else {
      if (command === "up --refresh" || command === "refresh")
        await phase(reading, (engine) => engine.refresh());
      if (command === "destroy") await phase(reading, (engine) => engine.destroy());
      if (command === "preview") await phase(writing, (engine) => engine.preview(program));
      if (command.startsWith("up")) {
        if (runs && ran.rejected.length === 0) this.#stored = now;
        await phase(writing, (engine) => engine.up(program));
      }
    }
    return ran;
  }

  async #phase(
    { server, key }: Configured,
    killed: Run["killed"],
    what: (engine: Engine) => Promise<Changes>,
    ran: Ran,
  ): Promise<void> {
    const honest = memoryAdapter(server);
    const good = { ...honest, ...this.#sabotage.adapter?.(honest, server) };
    const process = mortal(good, new TurnedClock(), killed);
    const client = localClient({}, { memory: () => process.adapter });
    const connected = { ...client, ...this.#sabotage.client?.(client, server) };
    const { sabotage } = this.#sabotage;
    const engine = new Engine(() => connected, { clock: process.clock, ...(sabotage ? { sabotage } : {}) });
    for (const [name, resource] of this.#state) engine.state.set(name, resource);
    server.fault = key === this.#key ? undefined : "denied";
    const ended = await Promise.race([
      what(engine).catch((error: unknown) => error),
      process.killed.then(() => "killed"),
    ]);
    server.fault = undefined;
    if (RtcError.isInstance(ended)) {
      ran.rejected.push(ended.code);
      this.#logs.push(ended.message);
    } else if (ended instanceof Error) throw ended;
    else if (ended === "killed") ran.killed = true;
    else if (Array.isArray(ended) && ended.length > 0) ran.changed = true;
    ran.writes.push(...process.writes);
    this.#logs.push(...engine.logs);
    // What a killed run had not stored is lost: the engine that hangs has its own copy.
    this.#state = new Map(engine.state);
  }

  async observe(): Promise<Observation> {
    const rooms = [...this.vendor.rooms.values()].map((room) => {
      const { sid, maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds, metadata, owner } =
        this.vendor.record(room);
      const timeouts = [Number(emptyTimeoutSeconds), Number(departureTimeoutSeconds)] as const;
      const observed = {
        sid: String(sid),
        maxParticipants,
        timeouts,
        metadata,
        owner,
        participants: room.inside.length,
      };
      return [room.name, observed] as const;
    });
    const tapes = [...this.vendor.recorder.recordings.values()].map(
      ({ id, name, sid, status, layout, audioOnly, outputUri, file }) => ({
        ...{ id, room: name, sid, status, layout, audioOnly, output: outputUri },
        ...(file === undefined ? {} : { file }),
      }),
    );
    const state = [...this.#state].map(([name, { kind, outputs }]) => [name, { kind, outputs }] as const);
    return structuredClone({
      ...{ rooms: Object.fromEntries(rooms), tapes, state: Object.fromEntries(state) },
      pending: {}, // this engine forgets what it has deleted
    });
  }

  async happen(step: Step, { room, tape }: Place): Promise<void> {
    if (step.do === "rotate keys") this.#key += 1;
    const rooms = [...this.#state.values()].filter(({ kind }) => kind === "room");
    const outputs = rooms.find((kept) => kept.outputs["name"] === room)?.outputs;
    await othersInMemory(this.vendor, step, { room, tape, outputs });
  }

  async finished(): Promise<void> {
    finishAll(this.vendor);
  }

  async orphans(): Promise<string[]> {
    const client = localClient({}, { memory: () => memoryAdapter(this.vendor) });
    const { state } = await this.observe();
    const found = await strayRecordings(client, { ...STACK, known: knownIn(state) });
    return found.map(({ recording }) => bareId(recording));
  }

  logs(): string {
    return this.#logs.join("\n");
  }
}
