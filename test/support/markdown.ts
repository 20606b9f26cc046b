import { readFileSync } from "node:fs";

/** A fenced block of a document. */
export interface Block {
  /** ```` ```sh project ```` is in the language `sh` and has the word `project`. */
  language: string;
  words: string[];
  text: string;
  /** `README.md:12` */
  place: string;
  /** Its first line, for the name of a test. */
  title: string;
}

/** All fenced blocks of a document, in order. An indented one is found too; one that is not closed is an error. */
export function blocksOf(file: string, name: string): Block[] {
  const blocks: Block[] = [];
  let open: (Block & { indent: string }) | undefined;
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    const [, indent = "", info] = /^(\s*)```(.*)$/.exec(line) ?? [];
    if (info === undefined) {
      if (open) open.text += `${line.slice(open.indent.length)}\n`;
    } else if (open) {
      const { indent: _, ...block } = open;
      blocks.push({ ...block, title: block.text.split("\n")[0] ?? "" });
      open = undefined;
    } else {
      const [language = "", ...words] = info.trim().split(/\s+/);
      open = { indent, language, words, text: "", title: "", place: `${name}:${index + 1}` };
    }
  }
  if (open) throw new Error(`${open.place}: this block is not closed.`);
  return blocks;
}

/** Commands of a document for a real server, in the place of the one that the documents name. */
export function forServer(
  text: string,
  { url, apiKey, apiSecret }: { url: string; apiKey: string; apiSecret: string },
): string {
  const names = { "wss://livekit.example.com": url, APIexample: apiKey, "the-secret": apiSecret };
  return Object.entries(names).reduce((all, [name, real]) => all.replaceAll(name, real), text);
}
