import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { code, comment, markerOf, value } from "../../../src/cli/report/markdown.ts";
import { previewMarkdown } from "../../../src/cli/report/preview-report.ts";

const result = (count: number, text: string) => ({
  project: "acme",
  stack: "dev",
  changed: true,
  changes: { update: count },
  errors: [],
  rejected: [],
  resources: Array.from({ length: count }, (_, index) => ({
    op: "update",
    kind: "room" as const,
    name: `room-${index}`,
    messages: [text],
    fields: [{ field: "metadata", from: { text }, to: {} }],
  })),
});

describe("What a vendor or a manifest reports is shown as it is, in a comment", () => {
  test.each([
    ["plain", "`plain`"],
    ["a `b` c", "``a `b` c``"],
    ["```", "```` ``` ````"],
    ["<img src=x> @team #1 | [x](y)", "`<img src=x> @team #1 | [x](y)`"],
    ["two\nlines", "`two\\u{a}lines`"],
    ["\u202eevil\u200b", "`\\u{202e}evil\\u{200b}`"],
    ["", "`  `"],
  ])("%j", (text, shown) => {
    expect(code(text)).toBe(shown);
  });

  test("and nothing of it ends its code span, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", "a", "\n", " ", "<", "-->", "\u2028") }), (text) => {
        const shown = code(text);
        const fence = /^`+/.exec(shown)?.[0] ?? "";
        const inner = shown.slice(fence.length, -fence.length);
        expect(shown.endsWith(fence)).toBe(true);
        expect(inner).not.toMatch(/[\n\u2028]/);
        expect(inner.match(/`+/g) ?? []).not.toContain(fence);
      }),
    );
  });

  test("a long value is cut, and one that is not there is a dash", () => {
    expect(value("x".repeat(10_000)).length).toBeLessThan(500);
    expect(value(undefined)).toBe("–");
    expect(value(null)).toBe("`null`");
  });
});

describe("A comment", () => {
  test("begins with its hidden marker and the summary", () => {
    const lines = previewMarkdown(result(2, "hello")).split("\n");
    expect(lines[0]).toBe("<!-- pulumi-rtc preview acme/dev -->");
    expect(lines[3]).toBe("| to create | to update | to replace | to delete | to move | as they are |");
    expect(lines[5]).toBe("| 0 | 2 | 0 | 0 | 0 | 0 |");
    expect(lines).toContain("- **update** room `room-1`");
    expect(lines).toContain('  - `metadata`: `{"text":"hello"}` → `{}`');
  });

  test("reports before all details what up will reject", () => {
    const rejected = [
      { message: "this would delete 2 of 3, and the limit is 1" },
      { resource: "busy", message: "1 participant is in room livekit:busy" },
    ];
    const [first = ""] = previewMarkdown({ ...result(2, "hello"), rejected }).split("\n- **update**");
    expect(first).toContain("**`rtc up` will reject this:** `this would delete 2 of 3, and the limit is 1`");
    expect(first).toContain("**`rtc up` will reject this:** `busy`: `1 participant is in room livekit:busy`");
  });

  test("is cut below what GitHub takes, and reports how many it leaves out", () => {
    const text = previewMarkdown(result(2_000, "`".repeat(300)));
    expect(text.length).toBeLessThan(65_536);
    expect(text.length).toBeGreaterThan(60_000);
    const shown = text.match(/^- \*\*update/gm)?.length ?? 0;
    expect(text).toContain(`… and ${2_000 - shown} more`);
    expect(text).toContain("| 0 | 2000 | 0 | 0 | 0 | 0 |");
  });

  test("no summary and no error is so long that it does not fit", () => {
    const errors = Array.from({ length: 500 }, () => ({ resource: "x", message: "y".repeat(5_000) }));
    expect(previewMarkdown({ ...result(0, ""), errors }).length).toBeLessThan(65_536);
    const details = ["z".repeat(70_000)];
    const table = { headings: ["a"], rows: [["1"]] };
    expect(comment({ marker: "m", title: "t", table, details }).length).toBeLessThan(65_536);
  });

  test("no stack name can end its marker", () => {
    expect(markerOf("preview", "acme", "x--> <b>")).toBe("pulumi-rtc preview acme/x-__ _b_");
  });
});
