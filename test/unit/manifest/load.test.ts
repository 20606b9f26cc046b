import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guard, loadManifest, readAllowed } from "../../../src/manifest/load.ts";

import { HEAD } from "./fixture.ts";

describe("the manifest of a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rtc-manifest-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** What the program of the stack `dev` does before it declares a room. */
  function open(
    files: Record<string, string>,
    settings: { config?: object; environment?: NodeJS.ProcessEnv } = {},
  ) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { config = {}, environment = {} } = settings;
    const loaded = loadManifest({ folder, stack: "dev" });
    guard(
      loaded,
      "dev",
      readAllowed((key) => new Map(Object.entries(config)).get(key), environment),
    );
    return Object.keys(loaded.manifest.rooms);
  }
  const rejected = (message: string | RegExp) =>
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) });

  it("must be there", () => {
    expect(() => open({})).toThrow(rejected(/rtc.yaml[\s\S]*there is no such file/));
  });

  it("is rejected with the place of every mistake, or of what is no YAML", () => {
    const wrong = `${HEAD}rooms:\n  lobby: { maxParticipant: 3 }\n  hall: { emptyTimeoutSeconds: 0 }\n`;
    const typo = "rtc.yaml:4:12: rooms.lobby.maxParticipant: is not known; did you mean maxParticipants?";
    const zero = "rtc.yaml:5:32: rooms.hall.emptyTimeoutSeconds: must be at least 1";
    for (const problem of [typo, zero])
      expect(() => open({ "rtc.yaml": wrong })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(problem) }),
      );
    expect(() => open({ "rtc.yaml": `${HEAD}rooms: [unclosed\n` })).toThrow(rejected("rtc.yaml:4:"));
  });

  it("must have an overlay for the stack where another stack has one, unless the stack is named that may lack it", () => {
    const files = {
      "rtc.yaml": `${HEAD}rooms: { lobby: {} }\n`,
      "rtc.production.yaml": "rooms: { hall: {} }\n",
    };
    const words = rejected(
      "has no overlay for stack dev, but rtc.production.yaml: add rtc.dev.yaml, which may be empty",
    );
    expect(() => open(files)).toThrow(words);
    expect(() => open(files, { environment: { RTC_ALLOW_MISSING_OVERLAY: "another" } })).toThrow(words);
    expect(open(files, { environment: { RTC_ALLOW_MISSING_OVERLAY: "dev" } })).toEqual(["lobby"]);
    expect(open(files, { config: { allowMissingOverlay: "dev" } })).toEqual(["lobby"]);
    expect(open({ ...files, "rtc.dev.yaml": "rooms: { annex: {} }\n" })).toEqual(["lobby", "annex"]);
    expect(open({ ...files, "rtc.dev.yaml": "" })).toEqual(["lobby"]);
  });

  it("must declare a room, unless the stack is named that may have none", () => {
    const files = { "rtc.yaml": `${HEAD}rooms: {}\n` };
    const words = rejected(/declares no room at all.*RTC_ALLOW_EMPTY=dev/);
    expect(() => open(files)).toThrow(words);
    expect(() => open(files, { environment: { RTC_ALLOW_EMPTY: "another" } })).toThrow(words);
    expect(open(files, { environment: { RTC_ALLOW_EMPTY: "dev" } })).toEqual([]);
    expect(open(files, { config: { allowEmpty: "dev" } })).toEqual([]);
  });
});
