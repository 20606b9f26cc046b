import type { Issue, RecordingResourceInput, RoomResourceInput } from "../../../src/contract/index.ts";
import type { Properties } from "../../../src/reconcile/lifecycle.ts";
import type { StoredRecording } from "../../conformance/memory-recorder.ts";
import { at, type Resource, TestStack } from "./fixture.ts";

/** The default output of the recordings of these tests. */
export const OUTPUT = "s3://acme/hall/";

export type Declared = Partial<RecordingResourceInput> & Properties;

interface CheckOptions {
  name?: string;
  olds?: Properties;
  dryRun?: boolean;
  protect?: boolean;
  /** Whether the room was given as a resource. Default: where its `roomSid` is declared. */
  ofResource?: boolean;
}

/** The URN of a recording. */
export function urnOf(stack: TestStack, name = "tape"): string {
  return `urn:pulumi:${stack.stack}::acme::rtc:RtcRecording::${name}`;
}

/** Calls check as the engine does for a recording of this name. */
export function check(
  stack: TestStack,
  inputs: Declared,
  {
    name = "tape",
    olds = {},
    dryRun = false,
    protect = false,
    ofResource = "roomSid" in inputs,
  }: CheckOptions = {},
): { inputs: Properties; issues: Issue[] } {
  const { stack: stackName } = stack;
  const hidden = { urn: urnOf(stack, name), name, project: "acme", stack: stackName, dryRun, protect };
  const __rtc = ofResource ? { ...hidden, roomUrn: stack.urn() } : hidden;
  return stack.recording.check(olds, { ...inputs, __provider: "shim", __rtc });
}

/** The inputs that a recording takes from a room resource. */
export function of(hall: Resource): Declared {
  return { room: hall.id, roomSid: String(hall.outs["sid"]), vendor: "memory", outputUri: OUTPUT };
}

/** Declares and starts a recording. */
export async function record(stack: TestStack, declared: Declared, name = "tape"): Promise<Resource> {
  const { inputs } = check(stack, declared, { name });
  const { id, outs } = await stack.recording.create(inputs);
  return { id, inputs, outs };
}

/** A stack with a room and a recording of it, observed by a new process. */
export async function recorded(
  declared: Declared = {},
  { stack = new TestStack(), room = {} }: { stack?: TestStack; room?: RoomResourceInput } = {},
): Promise<{ stack: TestStack; hall: Resource; tape: Resource }> {
  const hall = await stack.up(room);
  const tape = await record(stack, { ...of(hall), ...declared });
  return { stack: stack.newProcess(), hall, tape };
}

/** Declares other inputs for a recording that there is: check, then diff. */
export async function plan(stack: TestStack, tape: Resource, declared: Declared, options: CheckOptions = {}) {
  const { inputs } = check(stack, declared, { olds: tape.inputs, ...options });
  return { inputs, diff: await stack.recording.diff(tape.id, tape.outs, inputs) };
}

/** Declares other inputs for a recording that there is, and updates it. */
export async function update(stack: TestStack, tape: Resource, declared: Declared): Promise<Resource> {
  const { inputs } = check(stack, declared, { olds: tape.inputs });
  const { outs } = await stack.recording.update(tape.id, tape.outs, inputs);
  return { id: tape.id, inputs, outs };
}

/** A refresh by a process of its own. */
export async function read(stack: TestStack, tape: Resource): Promise<Resource> {
  const found = await stack.newProcess().recording.read(tape.id, tape.outs);
  if (!found) throw new Error("A recording is never gone.");
  return { id: found.id, outs: found.props, inputs: found.inputs };
}

/** The recordings that the vendor has, in the order in which they were started. */
export function recordings(stack: TestStack): StoredRecording[] {
  return [...stack.vendor.recorder.recordings.values()];
}

/** A participant joins the room and publishes; returns how they leave. */
export function publish(stack: TestStack, name = "hall"): () => void {
  const leave = stack.vendor.enter(at(name), "alice");
  stack.vendor.recorder.published(at(name));
  return leave;
}

/** What was reported, e.g. `["warn: …"]`. */
export function reportsOf(stack: TestStack): string[] {
  return stack.logs.map(({ level, message }) => `${level}: ${message}`);
}
