import { expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { recorded } from "../support/recordings.ts";
import { newStack } from "../support/stack.ts";

const OUTPUTS = ["files", "startedAt", "endedAt", "durationSeconds", "error", "unverified"] as const;

/** A program of one recording that exports all that may not be reported. */
const program = recorded("standup").replace(
  /^exports.*$/m,
  OUTPUTS.map((name) => `exports.${name} = recording.${name};`).join("\n"),
);

test("Exported outputs of a recording have a value, and are the same in the preview of one that stays", async () => {
  const server = await startLivekit({ egress: "worker" });
  const stack = await newStack({ program, env: server.env });
  const created = await stack.up();
  expect(created.output).not.toContain("Undefined value");
  const outputs = await stack.outputs();
  expect(Object.keys(outputs).sort()).toEqual([...OUTPUTS].sort());
  expect(outputs).toMatchObject({ files: [], endedAt: null, durationSeconds: null, error: null });
  for (const args of [[], ["--refresh"]]) {
    const preview = await stack.preview(args);
    expect(preview.output).not.toMatch(/Undefined value|unknown/);
    expect(preview.output).not.toContain("files");
  }
});
