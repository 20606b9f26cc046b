import { CAPABILITIES } from "../../src/contract/index.ts";
import { registry } from "../../src/vendors/registry.ts";

const OPEN = "<!-- capabilities: made by `npm run docs` -->\n";
const CLOSE = "<!-- /capabilities -->";

/** Settings of which a vendor may enforce nothing, or a part. */
const SETTINGS = { maxParticipants: 1, emptyTimeoutSeconds: 1, metadata: {}, enableRecording: true };

/** A document with the table of vendors and capabilities between its marks as the adapters themselves have it. */
export function withCapabilityTable(document: string): string {
  const [before, rest] = document.split(OPEN);
  const [, after] = rest?.split(CLOSE) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${OPEN}… ${CLOSE} is missing.`);
  return `${before}${OPEN}\n${table()}\n${CLOSE}${after}`;
}

function table(): string {
  const adapters = Object.values(registry).map((make) => make({}));
  const rows = CAPABILITIES.map((capability) => {
    const cells = adapters.map(({ abilities }) => (abilities[capability].can ? "yes" : "no"));
    return `| \`${capability}\` | ${cells.join(" | ")} |`;
  });
  const notes = adapters.flatMap(({ vendor, abilities, caveats, roomWarnings }) => {
    const lacking = CAPABILITIES.flatMap((capability) => {
      const ability = abilities[capability];
      return ability.can ? [] : [{ capability, reason: ability.reason }];
    });
    const reasons = new Set(lacking.map(({ reason }) => reason));
    const told = [...reasons].map((reason) => {
      const those = lacking
        .filter((one) => one.reason === reason)
        .map(({ capability }) => `\`${capability}\``);
      return `- \`${vendor}\` cannot ${those.join(", ")}: ${reason}.`;
    });
    const warnings = [...roomWarnings(SETTINGS), ...caveats];
    return [...told, ...warnings.map((warning) => `- \`${vendor}\`: ${warning}.`)];
  });
  return [
    `| | ${adapters.map(({ vendor }) => `\`${vendor}\``).join(" | ")} |`,
    `|---|${adapters.map(() => "---|").join("")}`,
    ...rows,
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}
