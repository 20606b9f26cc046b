import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeclaredStack } from "../../../src/cli/stack/declared.ts";
import type { Deployment, Engine } from "../../../src/cli/stack/engine.ts";
import type { Operation } from "../../../src/cli/stack/operation.ts";
import { reconcileRooms } from "../../../src/cli/stack/rounds.ts";
import { localClient } from "../../../src/client/local.ts";
import { loadManifest } from "../../../src/manifest/load.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { roomIn } from "./state-fixture.ts";

/* What a round does that an event of a room has woken. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rtc-rounds-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HALL = "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/rtc:RtcRoom::hall";
const recorded = {
  urn: "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/rtc:RtcRecording::hall",
  type: "pulumi-nodejs:dynamic/rtc:RtcRecording",
  id: "memory:hall/hall",
  outputs: { room: "memory:hall", recording: "memory:EG_1" },
};

interface Change {
  state?: Deployment;
  manifest?: string;
  endpoint?: string;
  live?: string[];
  /** Of the room in the state. */
  metadata?: object;
}

/** A stack with the rooms `hall` and `foyer`, of which the vendor has those of `live`, and which a woken round reads. */
async function played(live: string[], change: Change = {}) {
  const vendor = new MemoryVendor();
  const client = localClient({}, { memory: () => memoryAdapter(vendor) });
  const file = join(folder, "rtc.yaml");
  const manifest = "apiVersion: rtc/v1\nproject: acme\nrooms: { hall: {}, foyer: {} }\n";
  writeFileSync(file, manifest);
  const stateOf = async (name: string) => {
    const { sid } = live.includes(name) ? await client.room.create({ name }, {}) : { sid: "gone" };
    return roomIn(name, change.metadata, { sid, ...(change.endpoint && { endpoint: change.endpoint }) });
  };
  const resources = [await stateOf("hall"), await stateOf("foyer"), ...(change.state?.resources ?? [])];
  const state: Deployment = { ...change.state, resources };
  const operations: Operation[] = [];
  const engine = { name: "dev", project: "acme", client: () => client, settings: () => ({}) };
  const declared: DeclaredStack = {
    engine: engine as Partial<Engine> as Engine,
    loaded: loadManifest({ folder, file }),
    state: {},
    run: async (operation) => {
      operations.push(operation);
      return { code: 0, steps: [], failed: [] };
    },
  };
  writeFileSync(file, change.manifest ?? manifest);
  const drifts: string[][] = [];
  const silent = { note: () => {} };
  const round = await reconcileRooms(declared, state, new Map([["memory:hall", "room_finished"]]), {
    progress: { preview: silent, up: silent },
    onDrift: ({ resources }) => void drifts.push(resources.map(({ name }) => name)),
  });
  return { round, operations, drifts };
}

test("A room that is gone is repaired by one run, without a preview, that touches nothing else", async () => {
  const { round, operations, drifts } = await played([]);
  expect(operations).toEqual([
    { verb: "up", refresh: true, runProgram: true, continueOnError: true, target: [HALL] },
  ]);
  expect(round).toMatchObject({ code: 0, differences: ["room hall deleted"], result: { acted: true } });
  expect(drifts).toEqual([["hall"]]);
});

test("A room that is as declared runs nothing, whatever the others are", async () => {
  const { round, operations } = await played(["hall"]);
  expect(operations).toEqual([]);
  expect(round).toMatchObject({ differences: [], result: { acted: false, changes: { same: 1 } } });
});

test.each([
  ["the manifest has changed", { manifest: "apiVersion: rtc/v1\nproject: acme\nrooms: { hall: {} }\n" }],
  ["a recording of the room is no longer declared", { state: { resources: [recorded] } }],
  [
    "a killed run has left operations",
    { state: { pending_operations: [{ type: "creating", resource: recorded }] } },
  ],
  ["the room cannot be observed", { endpoint: "other" }],
  ["the room exists and differs", { live: ["hall"], metadata: { team: "core" } }],
])("Only a round of the whole stack can decide where %s", async (_what, change: Change) => {
  expect(await played(change.live ?? [], change)).toEqual({ round: undefined, operations: [], drifts: [] });
});

test("A manifest with a mistake is an error, as in each round", async () => {
  await expect(played([], { manifest: "rooms: [" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
