import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import {
  formatIssue,
  isRounded,
  MOST_LEVELS_IN_ALL,
  oneLine,
  type Problem,
  printable,
  ROUNDED,
  TOO_DEEP,
} from "../contract";
import { type LocatedProblem, type Referenced, report, resolveReferences } from "./references";

/** More than ten thousand rooms. */
const MOST_BYTES = 4_000_000;
/** The most aliases in a manifest. */
const MOST_ALIASES = 1_000;
/** How deep the brackets of a text nest that is parsed. */
const MOST_BRACKETS = 1_000;
/** How many lines, brackets and commas a text has that is parsed. */
const MOST_PARTS = 250_000;
/** The characters of a line that are shown on either side of a problem. */
const CONTEXT = 80;

/** A YAML file with locations. */
export class Source {
  readonly file: string;
  readonly #lines = new LineCounter();
  readonly #text: string[];
  readonly #document: Document | undefined;
  /** Its problems as YAML, and those of its references to the environment. */
  readonly problems: readonly LocatedProblem[];
  /** Its values that came from the environment. */
  readonly referenced: readonly Referenced[] = [];
  /** Whether the problems leave the rest readable. */
  readonly readable: boolean;
  /** Cached: a file may have thousands of rooms and problems. */
  readonly #pairs = new WeakMap<YAMLMap, Map<string, Pair>>();

  constructor(text: string, file: string, environment: NodeJS.ProcessEnv) {
    this.file = file;
    if (Buffer.byteLength(text) > MOST_BYTES) {
      this.#text = [];
      this.problems = [{ offset: 0, message: `is longer than ${MOST_BYTES} bytes` }];
      this.readable = false;
      return;
    }
    const cost = costProblem(text);
    if (cost) {
      this.#text = text.split("\n");
      this.#text.reduce((at, line) => {
        this.#lines.addNewLine(at);
        return at + line.length + 1;
      }, 0);
      this.problems = [cost];
      this.readable = false;
      return;
    }
    this.#text = text.split("\n");
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      // The parser compares each key with all before it, which takes a second for ten thousand rooms.
      uniqueKeys: false,
    });
    const { errors, warnings } = this.#document;
    const syntax = this.#unquoted(
      [...errors, ...warnings].map(({ code, message, pos }) => ({
        offset: pos[0],
        message: plain(code, message),
      })),
    );
    const excess = excessOf(this.#document);
    if (excess) {
      this.problems = [...syntax, excess];
      this.readable = false;
      return;
    }
    if (syntax.some(({ message }) => message === UNQUOTED)) {
      // Whatever else is found comes from that.
      this.problems = syntax;
      this.readable = false;
      return;
    }
    const odd = oddities(this.#document);
    const misread = misreadings(this.#document);
    const references = resolveReferences(this.#document, environment);
    // Not as arguments of push: a file may have more problems than a call may have arguments.
    this.problems = [syntax, duplicates(this.#document), odd, misread, references.problems].flat();
    this.referenced = references.referenced;
    // A duplicate key leaves the rest readable.
    this.readable = odd.length + syntax.length === 0;
  }

  /** Its value. @throws RangeError or ReferenceError where aliases multiply or nest without end */
  value(): unknown {
    return this.#document?.toJS({ maxAliasCount: 100 });
  }

  /** The number of steps of a path that exist. */
  depthOf(path: readonly PropertyKey[]): number {
    let depth = path.length;
    while (depth > 0 && !this.#at(path.slice(0, depth))) depth -= 1;
    return depth;
  }

  /** The offset of a problem: of an unknown key, of a value, or of the parent of a missing one. */
  offsetOf({ path, unknownKey }: Problem): number {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const found = this.#at(path.slice(0, depth));
      const node = unknownKey && depth === path.length ? found?.key : (found?.value ?? found?.key);
      if (node?.range) return node.range[0];
    }
    return this.#document?.contents?.range?.[0] ?? 0;
  }

  /** A place in the file; both count from 1. */
  positionOf(offset: number): { line: number; column: number } {
    const { line, col } = this.#text.length > 0 ? this.#lines.linePos(offset) : { line: 1, col: 1 };
    return { line, column: col };
  }

  /** `file:line:column: path: message`, the line or the part of it around the column, and a caret under that. */
  framed({ offset, path = "", message, hideFrom }: LocatedProblem): string {
    const { line, column: col } = this.positionOf(offset);
    const source = (this.#text[line - 1] ?? "").trimEnd();
    const from = Math.max(0, col - 1 - CONTEXT);
    const until = hideFrom === undefined ? col - 1 + CONTEXT : col - 1 + hideFrom - offset;
    const cut = hideFrom !== undefined && until < source.length ? "…" : "";
    const display = (text: string) => printable(text.replaceAll("\t", " "));
    const before = display(source.slice(from, col - 1));
    const where = `${oneLine(this.file)}:${line}:${col}`;
    const rest = display(source.slice(col - 1, until)) + cut;
    return `${where}: ${oneLine(formatIssue({ path, message }))}\n    ${before}${rest}\n    ${" ".repeat(before.length)}^`;
  }

  /** Replaces YAML's errors about the braces of an unquoted reference by one problem a line. */
  #unquoted(syntax: LocatedProblem[]): LocatedProblem[] {
    // Cached, since a long line may have a problem at each character.
    const references = new Map<number, number>();
    const found = syntax.flatMap((problem) => {
      const { line, col } = this.#lines.linePos(problem.offset);
      const isReported = references.has(line);
      const at = references.get(line) ?? unquotedReference(this.#text[line - 1] ?? "");
      references.set(line, at);
      if (at === -1) return [problem];
      if (isReported) return [];
      return [{ offset: problem.offset - (col - 1) + at, message: UNQUOTED }];
    });
    // What follows the first one is read otherwise than it is meant.
    const first = found.find(({ message }) => message === UNQUOTED)?.offset ?? Number.POSITIVE_INFINITY;
    return found.filter(({ message, offset }) => message === UNQUOTED || offset < first);
  }

  /** The key and the value at a path; for a value behind an alias, the alias. */
  #at(path: readonly PropertyKey[]): { key: Node | undefined; value: Node | undefined } | undefined {
    let node: unknown = this.#document?.contents;
    let key: Node | undefined;
    for (const step of path) {
      if (isMap(node)) {
        const pair = this.#pairsOf(node).get(String(step));
        if (!pair) return undefined;
        key = isNode(pair.key) ? pair.key : undefined;
        node = pair.value;
      } else if (isSeq(node) && typeof step === "number" && step < node.items.length) {
        node = node.items[step];
      } else return undefined;
    }
    return { key, value: isNode(node) ? node : undefined };
  }

  #pairsOf(map: YAMLMap): Map<string, Pair> {
    const known = this.#pairs.get(map);
    if (known) return known;
    const pairs = new Map<string, Pair>();
    for (const pair of map.items) {
      // As in JavaScript: null is the empty name.
      const name = String((isNode(pair.key) ? pair.key.toJSON() : pair.key) ?? "");
      if (!pairs.has(name)) pairs.set(name, pair);
    }
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

const UNQUOTED = "a reference inside { } or [ ] must be in quotes";

/** Where a line has a reference that is not in quotes; -1 where it has none. */
function unquotedReference(line: string): number {
  const at = line.indexOf("${");
  const quotes = line.slice(0, at).match(/["']/g)?.length ?? 0;
  return quotes % 2 === 1 ? -1 : at;
}

/** The parser's message, or ours where it is about the parser. */
function plain(code: string, message: string): string {
  return code === "MULTIPLE_DOCS" ? "a manifest is one document" : message;
}

/**
 * Finds excessive nesting, before visitors with paths, whose cost is quadratic in the depth.
 */
function excessOf(document: Document): LocatedProblem | undefined {
  let aliases = 0;
  const open: [node: unknown, level: number][] = [[document.contents, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, level] = next;
    // Each alias is searched for among all nodes.
    if (isAlias(node) && ++aliases > MOST_ALIASES)
      return { offset: node.range?.[0] ?? 0, message: `has more than ${MOST_ALIASES} aliases` };
    if (!isCollection(node)) continue;
    if (level > MOST_LEVELS_IN_ALL) return { offset: node.range?.[0] ?? 0, message: TOO_DEEP };
    for (const item of node.items) {
      if (isPair(item)) open.push([item.key, level + 1], [item.value, level + 1]);
      else open.push([item, level + 1]);
    }
  }
  return undefined;
}

/**
 * Why a text is not parsed: its brackets nest deeper, or it has more parts, than any manifest, and the parser would take
 * seconds and gigabytes. Brackets in quotes count too, so that the bounds are far above what is needed.
 */
function costProblem(text: string): LocatedProblem | undefined {
  let [parts, level] = [0, 0];
  for (let offset = 0; offset < text.length; offset += 1) {
    const character = text[offset];
    if (character === "[" || (character === "{" && text[offset - 1] !== "$")) level += 1;
    else if (character === "]" || character === "}") level = Math.max(0, level - 1);
    else if (character !== "," && character !== "\n") continue;
    parts += 1;
    if (level > MOST_BRACKETS) return { offset, message: TOO_DEEP };
    if (parts > MOST_PARTS) return { offset, message: `has more than ${MOST_PARTS} lines and values` };
  }
  return undefined;
}

/** Duplicate keys, compared as in JavaScript: `1` and `"1"` are the same. */
function duplicates(document: Document): LocatedProblem[] {
  const found: LocatedProblem[] = [];
  visit(document, {
    Map(_, map, ancestors) {
      const names = new Set<string>();
      for (const pair of map.items) {
        const { key } = pair;
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const offset = key.range?.[0] ?? 0;
        if (names.has(name))
          report(found, [...ancestors, map, pair], { offset, message: "this key is a duplicate" });
        names.add(name);
      }
    },
  });
  return found;
}

/** What YAML reads otherwise than it is meant; the rest of the manifest can be checked all the same. */
function misreadings(document: Document): LocatedProblem[] {
  const found: LocatedProblem[] = [];
  visit(document, {
    Scalar(role, node, ancestors) {
      const { value, source = "", range } = node;
      const message = typeof value === "number" ? misreadNumber(value, source, role === "key") : undefined;
      if (message !== undefined) report(found, [...ancestors, node], { offset: range?.[0] ?? 0, message });
    },
    Pair(_, pair, ancestors) {
      const { key } = pair;
      if (!isScalar(key)) return;
      const message = misreadKey(key.value, key.source);
      const offset = key.range?.[0] ?? 0;
      if (message !== undefined) report(found, [...ancestors, pair], { offset, message });
    },
  });
  return found;
}

/** What is wrong with a number without quotes, of which YAML does not keep what is written. */
function misreadNumber(value: number, source: string, isKey: boolean): string | undefined {
  if (isRounded(source) || (/^0[xo]/.test(source) && !Number.isSafeInteger(value))) return ROUNDED;
  if (isKey && String(value) !== source) return `is read as the number ${value}: put it in quotes`;
  return /^[-+]?0\d+$/.test(source)
    ? `is read as the number ${value}: put it in quotes to keep it`
    : undefined;
}

function misreadKey(value: unknown, source: string | undefined): string | undefined {
  if (value === "<<")
    return "is a merge key, which YAML 1.2 no longer has: put what they share under defaults";
  if (value === null && source) return "is YAML's word for no value: put it in quotes to use it as a name";
  return value === null || value === "" ? "a key must not be empty" : undefined;
}

/** Features of YAML that a manifest rejects, since they are easily misread. */
function oddities(document: Document): LocatedProblem[] {
  const found: LocatedProblem[] = [];
  // Collected here, since resolve() of an alias visits the document again.
  const anchors = new Map<string, Node>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias(_, node, ancestors) {
      const offset = node.range?.[0] ?? 0;
      if (!anchors.has(node.source))
        report(found, [...ancestors, node], { offset, message: `there is no anchor &${node.source}` });
    },
    Pair(_, { key }, ancestors) {
      if (!isNode(key)) return;
      const meant = isAlias(key) ? anchors.get(key.source) : key;
      const name = isScalar(meant) ? String(meant.value) : undefined;
      const offset = key.range?.[0] ?? 0;
      // An anchor that there is not is a problem of its own.
      if (meant !== undefined && name === undefined)
        report(found, ancestors, { offset, message: "a key must be a text" });
      if (name === "__proto__") report(found, ancestors, { offset, message: "a key must not be __proto__" });
    },
  });
  return found;
}
