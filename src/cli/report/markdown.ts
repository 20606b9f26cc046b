import { oneLine } from "../../contract/printable";

/** GitHub rejects a comment of 65,536 characters; the rest is for text that a workflow adds. */
const MOST = 65_000;

/**
 * Foreign text as a code span, which contains no Markdown, HTML, link or mention.
 *
 * @example code("a `b`") // "``a `b` ``"
 */
export function code(text: string): string {
  const shown = oneLine(text);
  const runs = [...shown.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const pad = shown === "" || shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** A value as a code span, cut to a length; an absent one is a dash. */
export function value(of: unknown, most = 400): string {
  if (of === undefined) return "–";
  const text = JSON.stringify(of) ?? String(of);
  return code(text.length > most ? `${text.slice(0, most)}…` : text);
}

/** A document for a pull-request comment. */
export interface Comment {
  /** Hidden: a workflow finds the comment by it, to edit it. */
  marker: string;
  title: string;
  /** Headings and rows of a table; only our own words and numbers. */
  table: { headings: string[]; rows: string[][] };
  /** Notes before the details. */
  notes?: string[];
  /** A bullet each, of one or more lines. */
  details: string[];
}

/** The comment, summary first; details that do not fit are left out and counted. */
export function comment({ marker, title, table, notes = [], details }: Comment, most = MOST): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const head = [
    `<!-- ${marker} -->`,
    `### ${title}`,
    "",
    line(table.headings),
    line(table.headings.map(() => "---")),
    ...table.rows.map(line),
    "",
    ...notes.flatMap((note) => [note, ""]),
    "",
  ].join("\n");
  let text = head;
  for (const [index, detail] of details.entries()) {
    const remaining = details.length - index;
    const rest = `\n… and ${remaining} more, which do not fit into a comment.\n`;
    if (text.length + detail.length + 1 + rest.length > most) return text + rest;
    text += `${detail}\n`;
  }
  return text;
}

/** The hidden marker of a stack's comment. Only letters that cannot end it. */
export function markerOf(what: string, project: string, stack: string): string {
  return `pulumi-rtc ${what} ${project}/${stack}`
    .replaceAll(/[^\w/. ]/g, (one) => (one === "-" ? "-" : "_"))
    .replaceAll("--", "-_");
}
