import { expect, test } from "vitest";
import { driftMarkdown } from "../../../src/cli/report/drift-report.ts";
import { observeDrift } from "../../../src/cli/stack/drift.ts";
import type { Deployment, Engine } from "../../../src/cli/stack/engine.ts";
import { isSecret, withoutSecrets } from "../../../src/cli/stack/stack-state.ts";
import { waitSeconds } from "../../../src/cli/stack/watch.ts";
import { localClient } from "../../../src/client/local.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { roomIn } from "./state-fixture.ts";

test("A comment on drift counts the classes and escapes what a vendor reports", () => {
  const metadata = { field: "metadata", declared: {}, live: { x: "</td> @all `b`" } };
  const resources = [
    {
      kind: "room" as const,
      name: "hall",
      id: "livekit:hall",
      class: "changed" as const,
      fields: [metadata],
      messages: [],
    },
  ];
  const text = driftMarkdown({ project: "acme", stack: "dev", drifted: true, resources, errors: [] });
  expect(text).toContain(
    "| changed | deleted | recreated | ended | not known |\n| --- | --- | --- | --- | --- |\n| 1 | 0 | 0 | 0 | 0 |",
  );
  expect(text).toContain('live ``{"x":"</td> @all `b`"}``');
});

test("A watch waits longer with every failure in a row, up to ten minutes, and never less than asked", () => {
  expect([0, 1, 2, 3, 10].map((failures) => waitSeconds(30, failures))).toEqual([30, 60, 120, 240, 600]);
  expect(waitSeconds(3_600, 4)).toBe(3_600);
});

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

test("Drift is observed of what a stack manages, without values that are secret, and names what could not be observed", async () => {
  const vendor = new MemoryVendor();
  const client = localClient({}, { memory: () => memoryAdapter(vendor) });
  const made = async (name: string) => ({
    sid: (await client.room.create({ name, metadata: { version: 2 } }, {})).sid,
  });
  const settings = () => ({});
  const engine = { client: () => client, settings } as Pick<Engine, "client" | "settings"> as Engine;
  const state: Deployment = {
    resources: [
      roomIn("open", { version: 1 }, await made("open")),
      roomIn("hidden", secret({ version: 1 }), await made("hidden")),
      roomIn("same", secret({ version: 2 }), await made("same")),
      roomIn("read", { version: 1 }, {}, { external: true }),
      roomIn("elsewhere", {}, { endpoint: "other" }),
    ],
  };
  const { resources, errors } = await observeDrift(engine, state);
  // By name, in whichever order the engine has created them.
  expect(resources.map(({ name, class: found, fields }) => [name, found, fields])).toEqual([
    [
      "hidden",
      "changed",
      expect.arrayContaining([{ field: "metadata", declared: "[secret]", live: "[secret]" }]),
    ],
    [
      "open",
      "changed",
      expect.arrayContaining([{ field: "metadata", declared: { version: 1 }, live: { version: 2 } }]),
    ],
  ]);
  expect(errors).toMatchObject([{ resource: "elsewhere", code: "ENDPOINT_MISMATCH" }]);
});

test("A secret in an exported state is read in plain text, and marked as secret", () => {
  const state = { name: "hall", metadata: secret({ version: 1 }), files: [{ location: secret("x") }] };
  expect(withoutSecrets(state)).toEqual({
    name: "hall",
    metadata: { version: 1 },
    files: [{ location: "x" }],
  });
  expect(Object.entries(state).map(([key, value]) => [key, isSecret(value)])).toEqual([
    ["name", false],
    ["metadata", true],
    ["files", true],
  ]);
});
