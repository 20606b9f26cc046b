import { createHash } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { type LivekitServer, startLivekit } from "./livekit.ts";
import { newStack, type Stack } from "./stack.ts";
import type { Result, StackOptions, StateResource } from "./stack-types.ts";

/** One test's own LiveKit server, and a stack that is configured for it. */
export interface World {
  server: LivekitServer;
  stack: Stack;
  /** The rooms that exist, by name. */
  rooms(): Promise<Record<string, LivingRoom>>;
}

/** A room as the server has it. */
export interface LivingRoom {
  sid: string;
  maxParticipants: number;
  emptyTimeout: number;
  departureTimeout: number;
  /** Without the ownership tag. */
  metadata: Record<string, unknown>;
  /** The ownership tag. */
  owner: unknown;
}

/** Starts a world; its server stops with the test. Not for concurrent tests. `env`: settings beside the credentials. */
export async function newWorld(program: string, options: Partial<StackOptions> = {}): Promise<World> {
  const server = await startLivekit();
  onTestFinished(() => server.stop());
  const env = options.env ? await server.envWith(options.env) : server.env;
  const stack = await newStack({ ...options, program, env });
  return { server, stack, rooms: () => roomsOf(server) };
}

/** The rooms of a server, by name. */
export async function roomsOf(server: Pick<LivekitServer, "service">): Promise<Record<string, LivingRoom>> {
  const rooms = await server.service.listRooms();
  const described = rooms.map(({ name, sid, maxParticipants, emptyTimeout, departureTimeout, ...room }) => {
    const { $owner: owner, ...metadata } = JSON.parse(room.metadata || "{}") as Record<string, unknown>;
    return [name, { sid, maxParticipants, emptyTimeout, departureTimeout, metadata, owner }] as const;
  });
  return Object.fromEntries(described);
}

/** A program: `rtc` and `pulumi` are there, the rest is given. */
export function program(...lines: string[]): string {
  return ['const rtc = require("pulumi-rtc");', 'const pulumi = require("@pulumi/pulumi");', ...lines].join(
    "\n",
  );
}

/** The line of a program that declares a room; `options` is source. */
export function declare(name: string, inputs: object = {}, options = "{}"): string {
  return `new rtc.RtcRoom(${JSON.stringify(name)}, ${JSON.stringify(inputs)}, ${options});`;
}

/** What was reported on a resource's own row. */
export function messagesOn(result: Result, name: string): string[] {
  return result.events.flatMap(({ diagnosticEvent: event }) =>
    event?.urn?.endsWith(`::${name}`) ? [event.message] : [],
  );
}

/** A result with what was reported on a resource's own row alone: with --continue-on-error Pulumi adds its stack trace. */
export function onRow(result: Result, name: string): Pick<Result, "code" | "output"> {
  return { code: result.code, output: messagesOn(result, name).join("\n") };
}

/** What happened to the resources of the program, e.g. `["create standup"]`; what stays as it is left out. */
export function changesIn(result: Result): string[] {
  return result.operations
    .filter(({ op }) => op !== "same" && op !== "refresh")
    .map(({ op, name, failed }) => `${op} ${name}${failed ? " failed" : ""}`);
}

/** The same for the resources of one name. */
export function changesOf(result: Result, name: string): string[] {
  return changesIn(result).filter((change) => change.split(" ")[1] === name);
}

/** The inputs that a preview or an update names as the reason of an update or a replacement, e.g. `["metadata"]`. */
export function reasonsFor(result: Result, name: string): string[] {
  const steps = result.events.flatMap((event) => event.resourcePreEvent?.metadata ?? []);
  const step = steps.find(({ op, urn }) => urn.endsWith(`::${name}`) && /^(update|replace)$/.test(op));
  return step?.diffs ?? [];
}

/** A resource of the state. */
export async function resourceOf(stack: Stack, name: string): Promise<StateResource> {
  const { deployment } = stack.state();
  const found = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`The state has no ${name}.`);
  return found;
}

/** Fails unless the command reported why it failed: no stack trace, no defect, nothing twice. */
export function expectPlainRejection(result: Pick<Result, "code" | "output">, ...words: string[]): void {
  expect(result.code).not.toBe(0);
  for (const word of words) expect(result.output).toContain(word);
  // Pulumi's own, where the engine has gone before the program of a rejected resource: it has nothing to do with the resource.
  const output = result.output.replaceAll(
    /failed to deliver log message\.[\s\S]*?message severity: \w+/g,
    "",
  );
  expect(output).not.toMatch(/^\s+at .+[:)]\d*/m);
  expect(result.output).not.toContain("a defect in pulumi-rtc");
}

/** The part of an ownership tag that a text gives: 12 hex digits of its SHA-256. */
export function tagOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
