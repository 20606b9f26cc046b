import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "recheck";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/* Foreign text meets regular expressions everywhere, so that none may take longer than in proportion to its length. */

const SRC = join(__dirname, "../../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"));

/** The regular expressions of a file, and what it makes of texts while it runs. */
function regexesOf(file: string): { literals: { source: string; flags: string }[]; built: string[] } {
  const literals: { source: string; flags: string }[] = [];
  const built: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      literals.push({ source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    const isMade = ts.isNewExpression(node) || ts.isCallExpression(node);
    if (isMade && node.expression.getText() === "RegExp") built.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(join(SRC, file), "utf8"), ts.ScriptTarget.Latest, true));
  return { literals, built };
}

const found = files.map((file) => ({ file, ...regexesOf(file) }));
const literals = found.flatMap(({ file, literals }) => literals.map((literal) => ({ file, ...literal })));

describe("the regular expressions of src", () => {
  it("are found", () => {
    expect(literals.length).toBeGreaterThan(80);
  });

  it("are written down, so that they can be checked", () => {
    expect(found.flatMap(({ built }) => built)).toEqual([]);
  });

  it.each(literals)("of $file: /$source/$flags takes linear time", { timeout: 60_000 }, async (one) => {
    // What is suspected is tried, and slow only by its time: on a machine that is busy a second passes soon.
    const found = await check(one.source, one.flags, { recallTimeout: 15_000, timeout: 50_000 });
    expect(found.status, "complexity" in found ? found.complexity?.summary : "not decided").toBe("safe");
  });
});
