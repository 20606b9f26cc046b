import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { strayRecordings } from "../../src/client/orphans.ts";
import type { Program } from "../conformance/engine.ts";
import { kill } from "../support/kill.ts";
import { newStack, type Stack as PulumiStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { changesIn } from "../support/world.ts";
import type { Lane } from "./cli-lane.ts";
import { Others } from "./cli-others.ts";
import { bareId, knownIn, type Observation, resourceOf, type StoredResource } from "./observation.ts";
import type { Place, Ran, Run, Stage } from "./stage.ts";
import type { Command, Step } from "./steps.ts";

type Written = StateResource & { pendingReplacement?: boolean };
type WrittenDown = StoredResource & { name: string; isPending: boolean };

/** The calls that change something. */
const WRITES = new Set([
  ...["CreateRoom", "UpdateRoomMetadata", "DeleteRoom"],
  ...["StartRoomCompositeEgress", "StopEgress", "UpdateLayout"],
]);

const ARGS: Record<Command, string[]> = {
  up: ["up", "--yes", "--skip-preview"],
  "up --refresh": ["up", "--yes", "--skip-preview", "--refresh"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  preview: ["preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
};

/** The real CLI and provider on a real server: a stack of its own, configured by the stack's file. */
export class CliStage implements Stage {
  readonly isQuick = false;
  readonly stack;
  readonly #lane: Lane;
  readonly #pulumi: PulumiStack;
  readonly #others: Others;
  /** The recordings of earlier histories. */
  readonly #past: ReadonlySet<string>;
  #logs = "";
  /** How many commands were run. */
  commands = 0;

  private constructor(lane: Lane, pulumi: PulumiStack, past: ReadonlySet<string>) {
    this.#lane = lane;
    this.#pulumi = pulumi;
    this.#past = past;
    this.#others = new Others(lane);
    const { project, name: stack } = pulumi;
    const urn = (room: string) =>
      `urn:pulumi:${stack}::${project}::pulumi-nodejs:dynamic/rtc:RtcRoom::${room}`;
    this.stack = { project, stack, urn };
  }

  static async open(lane: Lane): Promise<CliStage> {
    const past = new Set((await lane.tapes()).map(({ id }) => id));
    // As a custom recording template that follows a changed layout.
    const env = { RTC_LIVEKIT_CUSTOM_TEMPLATE: "true" };
    return new CliStage(lane, await newStack({ program: source({}), env }), past);
  }

  async run(command: Command, { program, killed, elsewhere = false, runProgram = false }: Run): Promise<Ran> {
    const { proxy, elsewhere: other } = this.#lane;
    this.#configure(elsewhere ? other.url : proxy.url);
    this.#pulumi.write(source(program));
    this.commands += 1;
    const [before, beforeElsewhere] = [proxy.calls.length, other.calls.length];
    let writes = 0;
    const meant = ({ method }: { method: string }) => WRITES.has(method) && ++writes === killed?.at;
    const heldCall = proxy.hold(meant, killed?.when ?? "before", { times: 1 });
    const run = this.#pulumi.spawn([...ARGS[command], ...(runProgram ? ["--run-program"] : [])]);
    const isCaught = await Promise.race([heldCall.caught.then(() => true), run.result.then(() => false)]);
    const result = isCaught ? await kill(this.#pulumi, killed?.victim ?? "CLI", run) : await run.result;
    heldCall.drop();
    if (isCaught && killed?.victim === "CLI") await this.#pulumi.run(["cancel", "--yes"]);
    this.#logs += result.output;
    const calls = [...proxy.calls.slice(before), ...other.calls.slice(beforeElsewhere)];
    return {
      rejected: isCaught ? [] : rejections(command, result),
      killed: isCaught,
      changed: changesIn(result).length > 0,
      writes: calls.filter((call) => WRITES.has(call)),
    };
  }

  async observe(): Promise<Observation> {
    const [rooms, tapes] = [await this.#lane.rooms(), await this.#lane.tapes()];
    return { rooms, tapes: tapes.filter(({ id }) => !this.#past.has(id)), ...this.#state() };
  }

  async happen(step: Step, { room, tape }: Place): Promise<void> {
    const { state } = this.#state();
    const resource = resourceOf(room, { state });
    const outputs = resource === undefined ? undefined : state[resource]?.outputs;
    await this.#others.happen(step, { room, tape, outputs });
  }

  async finished(): Promise<void> {
    await this.#lane.tapes();
  }

  async orphans(): Promise<string[]> {
    const { project, stack } = this.stack;
    const known = knownIn(this.#state().state);
    const found = await strayRecordings(this.#lane.client(), { project, stack, known });
    return found.map(({ recording }) => bareId(recording)).filter((id) => !this.#past.has(id));
  }

  logs(): string {
    return this.#logs;
  }

  /** Leaves the server to the next history. */
  async close(): Promise<void> {
    this.#lane.proxy.reset();
    for (const name of Object.keys(await this.#lane.rooms())) {
      await this.#others.happen({ do: "all participants leave", room: "hall" }, { room: name });
      await this.#lane.server.service.deleteRoom(name);
    }
    this.#pulumi.dispose();
  }

  /** The state as the engine has written it down: to export it would take a command each time. */
  #state(): Pick<Observation, "state" | "pending"> {
    const { project, name: stack } = this.#pulumi;
    const file = join(this.#pulumi.dir, "backend/.pulumi/stacks", project, `${stack}.json`);
    if (!existsSync(file)) return { state: {}, pending: {} };
    const written: { checkpoint: { latest?: { resources?: Written[] } } } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    const all = (written.checkpoint.latest?.resources ?? []).flatMap(keptOf);
    const rooms = all.filter(({ kind }) => kind === "room");
    return {
      state: Object.fromEntries(
        all.filter(({ isPending }) => !isPending).map(({ name, kind, outputs }) => [name, { kind, outputs }]),
      ),
      pending: Object.fromEntries(
        rooms
          .filter(({ isPending }) => isPending)
          .map(({ name, outputs }) => [name, String(outputs["name"])]),
      ),
    };
  }

  /** The stack's configuration, as `pulumi config set` writes it. */
  #configure(url: string): void {
    const file = join(this.#pulumi.dir, `Pulumi.${this.#pulumi.name}.yaml`);
    const { apiKey, apiSecret } = this.#lane.keys();
    const config = { "rtc:livekitUrl": url, "rtc:livekitApiKey": apiKey, "rtc:livekitApiSecret": apiSecret };
    writeFileSync(file, stringify({ ...parse(readFileSync(file, "utf8")), config }));
  }
}

/** A resource, if it is one of ours; pending: a killed run has deleted it to recreate it. */
function keptOf({ urn, type, outputs, pendingReplacement }: Written): WrittenDown[] {
  const kind = type.endsWith(":RtcRoom") ? "room" : type.endsWith(":RtcRecording") ? "recording" : undefined;
  if (kind === undefined) return [];
  const { __provider: _, ...rest } = outputs;
  const name = urn.slice(urn.lastIndexOf("::") + 2);
  return [{ name, kind, outputs: rest, isPending: pendingReplacement === true }];
}

/** The codes with which a command failed, or with which `up` will fail as a preview warns. */
function rejections(command: Command, { code, output }: Result): string[] {
  const isForeseen = command === "preview" && /up will reject this: \S+ belongs to /.test(output);
  if (code === 0) return isForeseen ? ["ENDPOINT_MISMATCH"] : [];
  const codes = [
    ...new Set(
      [...output.matchAll(/\b((?:[A-Z]+_)+[A-Z]+|UNAUTHENTICATED|UNSUPPORTED|UNAVAILABLE|INTERNAL): /g)].map(
        ([, each = ""]) => each,
      ),
    ),
  ];
  if (codes.length === 0) throw new Error(`pulumi ${command} has failed:\n${output}`);
  return codes;
}

/** The program as TypeScript would compile it. */
function source(program: Program): string {
  const lines = Object.entries(program).map(([name, declared]) => {
    if (!("records" in declared))
      return `const ${name} = new rtc.RtcRoom("${name}", ${JSON.stringify(declared)});`;
    const { records, ...inputs } = declared;
    return `new rtc.RtcRecording("${name}", { room: ${records}, ...${JSON.stringify(inputs)} });`;
  });
  return ['const rtc = require("pulumi-rtc");', ...lines].join("\n");
}
