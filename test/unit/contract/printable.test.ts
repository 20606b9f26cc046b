import { expect, it } from "vitest";
import { escapedJson, oneLine, printable } from "../../../src/contract/index.ts";

const HOSTILE = "a\nb\u001b[2J\u009b\u202e\u2028\u007f😀";

it("shows a text of others on one line, with every character that would control a terminal", () => {
  expect(oneLine(HOSTILE)).toBe("a\\u{a}b\\u{1b}[2J\\u{9b}\\u{202e}\\u{2028}\\u{7f}😀");
  expect(printable(HOSTILE).split("\n")).toHaveLength(2);
});

it("escapes JSON so that it is the same value, and no character of it controls a terminal", () => {
  const value = { name: HOSTILE, [HOSTILE]: [HOSTILE, "\u{e0001}"] };
  const json = escapedJson(JSON.stringify(value, null, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(json.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});
