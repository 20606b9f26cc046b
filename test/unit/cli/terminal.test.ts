import { afterEach, describe, expect, test, vi } from "vitest";
import { processIo, reportError } from "../../../src/cli/io.ts";
import { previewText } from "../../../src/cli/report/preview-report.ts";
import { list, summaryOf, table } from "../../../src/cli/report/report.ts";

import { invalid, RtcError } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { renderManifest } from "../../../src/manifest/render.ts";

/** A window's title, a cleared screen, a second line, a text turned around, and a C1 sequence. */
const HOSTILE = "evil-\u001b]0;pwned\u0007\u001b[2J\nFAKE LINE\u202e\u009b31m\u007f";
const SHOWN = "evil-\\u{1b}]0;pwned\\u{7}\\u{1b}[2J\\u{a}FAKE LINE\\u{202e}\\u{9b}31m\\u{7f}";

let written = "";
for (const stream of ["stdout", "stderr"] as const)
  vi.spyOn(process[stream], "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
afterEach(() => {
  written = "";
});

describe("A text of others on a terminal", () => {
  test("is one line in a table and in a list, and shows what it holds", () => {
    expect(table(["ROOM", "PARTICIPANTS"], [[HOSTILE, "2"]]).split("\n")).toEqual([
      expect.stringMatching(/^ROOM +PARTICIPANTS$/),
      `${SHOWN}  2`,
    ]);
    expect(list([HOSTILE, "hall"])).toBe(`${SHOWN}\nhall`);
  });

  test.each([
    ["a result", () => processIo(false).result({}, () => HOSTILE)],
    ["a warning", () => processIo(false).warn(HOSTILE)],
    ["a remark", () => processIo(false).note(HOSTILE)],
    ["the engine's progress", () => processIo(false).stream(HOSTILE)],
    ["an error", () => reportError(new RtcError("NOT_FOUND", `there is no room ${HOSTILE}`), false)],
    ["an error of an unexpected kind", () => reportError(new Error(HOSTILE), false)],
    [
      "the key of a problem",
      () => reportError(invalid("it", [{ path: HOSTILE, message: "is wrong" }]), false),
    ],
  ])("is never obeyed: %s", (_name, write) => {
    write();
    expect(written).not.toMatch(/[^\P{C}\n]/u);
    expect(written).toContain("evil-\\u{1b}]0;pwned");
  });

  test("makes no line of its own in an error, or in the list of an input's problems", () => {
    reportError(new RtcError("NOT_FOUND", `there is no room ${HOSTILE}`), false);
    reportError(invalid("it", [{ path: HOSTILE, message: "is wrong" }]), false);
    expect(written.trimEnd().split("\n")).toHaveLength(3);
  });

  test("makes no line of its own in a preview or a summary", () => {
    const resource = { op: "create", kind: "room" as const, name: HOSTILE, messages: [HOSTILE], fields: [] };
    const errors = [{ resource: HOSTILE, message: "it is occupied" }];
    const preview = { project: "acme", stack: "dev", changed: true, rejected: [], changes: { create: 1 } };
    expect(previewText({ ...preview, resources: [resource], errors }).split("\n")).toHaveLength(4);
    const run = { ...preview, result: "failed" as const, resources: [], errors };
    expect(summaryOf(run).split("\n")).toHaveLength(2);
  });

  test("is exact in JSON", () => {
    processIo(true).result({ name: HOSTILE }, () => "");
    expect(JSON.parse(written)).toEqual({ name: HOSTILE });
  });

  test("leaves the engine its colours", () => {
    processIo(false).stream("\u001b[1m\u001b[38;5;2mdone\u001b[0m\n");
    expect(written).toBe("\u001b[1m\u001b[38;5;2mdone\u001b[0m\n");
  });

  test("stays what it is in a rendered manifest, and shows what it holds", () => {
    const rooms = { hall: { name: HOSTILE, metadata: { words: HOSTILE } } };
    const yaml = renderManifest({ project: "acme", rooms, recordings: {} });
    expect(yaml).not.toMatch(/[^\P{C}\n]/u);
    expect(parseManifest(yaml, "rtc.yaml").rooms).toEqual(rooms);
  });
});
