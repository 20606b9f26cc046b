import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadManifest } from "../../../src/manifest/load.ts";
import { HEAD } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "rtc-manifest-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a manifest that is named by an absolute path is read from there, with its overlay", () => {
  writeFileSync(join(folder, "rooms.yaml"), `${HEAD}rooms: { hall: {} }\n`);
  writeFileSync(join(folder, "rooms.dev.yaml"), "rooms: { lobby: {} }\n");
  const { manifest, overlay } = loadManifest({
    ...{ folder: tmpdir(), file: join(folder, "rooms.yaml"), stack: "dev" },
  });
  expect(Object.keys(manifest.rooms)).toEqual(["hall", "lobby"]);
  expect(overlay).toBe(join(folder, "rooms.dev.yaml"));
});
