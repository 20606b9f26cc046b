import { Document, isMap, isScalar, type Node, Scalar, visit } from "yaml";
import type { Manifest } from "./schema";

/** Comments in a manifest, without line breaks. */
export interface Remarks {
  /** Lines at the beginning. */
  head?: readonly string[];
  /** On a room, a recording, or one of its inputs: `["rooms", "hall", "metadata"]`. */
  at?: readonly { path: readonly string[]; message: string }[];
  /** Lines at the end. */
  tail?: readonly string[];
}

/** A manifest as YAML, which parses to the same manifest. */
export function renderManifest({ project, rooms, recordings }: Manifest, remarks: Remarks = {}): string {
  const manifest = {
    apiVersion: "rtc/v1",
    project,
    rooms,
    ...(Object.keys(recordings).length === 0 ? {} : { recordings }),
  };
  // `${` would be read as a reference.
  const document = new Document(escaped(manifest), { aliasDuplicateObjects: false });
  const { head = [], at = [], tail = [] } = remarks;
  if (head.length > 0) document.commentBefore = commented(head);
  if (tail.length > 0) document.comment = commented(tail);
  for (const { path, message } of at) {
    const node = nodeToRemark(document, path);
    if (isScalar(document.getIn(path, true))) node.comment = commented([message]);
    else node.commentBefore = commented([message]);
  }
  visit(document, {
    Scalar(_, node) {
      // In double quotes it can be escaped, so that no terminal executes it.
      if (typeof node.value === "string" && node.value.search(UNPRINTABLE) !== -1)
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 }).replaceAll(UNPRINTABLE, yamlEscape);
}

/** Control and invisible characters, except line ends. */
const UNPRINTABLE = /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/gu;

function yamlEscape(one: string): string {
  return `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`;
}

/** The node of a remark: a scalar value, after which it is written, else the key, above which it is written. */
function nodeToRemark(document: Document, path: readonly string[]): Node {
  const value = document.getIn(path, true);
  if (isScalar(value)) return value;
  const parent = document.getIn(path.slice(0, -1), true);
  const pair =
    isMap<Node>(parent) && parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (!pair) throw new Error(`there is nothing at ${path.join(".")} to remark on`);
  return pair.key;
}

function commented(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
}

function escaped(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("${", () => "$${");
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
}
