import type { z } from "zod";
import { CONFIG_KEYS } from "../../src/client/config.ts";
import {
  aboutKey,
  CAPABILITIES,
  type PersistentRooms,
  recordingResourceInput,
  recordingResourceOutput,
  roomResourceInput,
  roomResourceOutput,
  type VendorAdapter,
} from "../../src/contract/index.ts";
import { registry } from "../../src/vendors/registry.ts";

/** Settings of which a vendor may enforce nothing, or a part. */
const SETTINGS = { maxParticipants: 1, emptyTimeoutSeconds: 1, metadata: {}, enableRecording: true };

/** A document with its generated tables as the code has them now: what each vendor can, and every configuration key. */
export function withTables(document: string): string {
  const tables = {
    "room inputs": fieldTable("Input", roomResourceInput),
    "room outputs": fieldTable("Output", roomResourceOutput),
    "recording inputs": fieldTable("Input", recordingResourceInput),
    "recording outputs": fieldTable("Output", recordingResourceOutput),
    capabilities: capabilityTable(),
    configuration: configTable(),
  };
  return Object.entries(tables).reduce((text, [name, table]) => between(text, name, table), document);
}

/** The fields of an input or output, with the description in its schema. */
function fieldTable(what: string, { shape }: z.ZodObject): string {
  const rows = Object.entries(shape as Record<string, z.ZodType>).map(
    ([name, { description = "" }]) => `| \`${name}\` | ${description} |`,
  );
  return [`| ${what} | |`, "|---|---|", ...rows, ""].join("\n");
}

/** A document with this between the tags of a name. */
export function between(document: string, name: string, content: string): string {
  const open = `<!-- ${name}: made by \`npm run docs\` -->\n`;
  const close = `<!-- /${name} -->`;
  const [before, rest] = document.split(open);
  const [, after] = rest?.split(close) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${open}… ${close} is missing.`);
  return `${before}${open}\n${content}\n${close}${after}`;
}

/** How rooms, tokens and recordings of each vendor are. */
function traitRows(adapters: VendorAdapter[]): string[] {
  const ways: [string, (adapter: VendorAdapter) => string][] = [
    ["Rooms", ({ persistentRooms }) => (persistentRooms ? "persistent" : "on demand")],
    ["Ownership tag", ({ persistentRooms: rooms }) => placeOf(rooms, rooms?.tagPlace)],
    ["Metadata of a room", ({ persistentRooms: rooms }) => placeOf(rooms, rooms?.metadataPlace)],
    [
      "A join to a room that has closed",
      ({ persistentRooms: rooms }) =>
        !rooms || rooms.revivedByJoin ? "brings it back" : "fails, or is to another",
    ],
    [
      "A room ends with participants in it",
      ({ persistentRooms: rooms }) =>
        rooms?.lifetimeSeconds ? `${rooms.lifetimeSeconds} seconds after its creation` : "no",
    ],
    [
      "Tokens",
      ({ issuesTokensByCall }) => (issuesTokensByCall ? "issued by a call" : "signed without a call"),
    ],
    [
      "Recordings",
      ({ recordings }) =>
        recordings
          ? `${recordings.onlyWhileOccupied ? "of occupied rooms" : "of any room"}, ${recordings.stopsByRoom ? "one at a time" : "several at once"}`
          : "none",
    ],
  ];
  return [
    `| | ${adapters.map(({ vendor }) => `\`${vendor}\``).join(" | ")} |`,
    `|---|${adapters.map(() => "---|").join("")}`,
    ...ways.map(([name, cell]) => `| ${name} | ${adapters.map(cell).join(" | ")} |`),
  ];
}

function placeOf(rooms: PersistentRooms | undefined, place: string | null | undefined): string {
  return rooms ? (place ?? "no place for it") : "in the state only";
}

function configTable(): string {
  const rows = Object.entries(CONFIG_KEYS).map(([name, key]) => {
    const { environment, description, isSecret } = aboutKey(key);
    const how = isSecret ? "; set it with `--secret`" : "";
    return `| \`rtc:${name}\` | \`${environment}\` | ${description}${how} |`;
  });
  return ["| Key | Variable | |", "|---|---|---|", ...rows, ""].join("\n");
}

function capabilityTable(): string {
  const adapters = Object.values(registry).map(({ adapter }) => adapter({}));
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
    const lines = [...reasons].map((reason) => {
      const those = lacking
        .filter((one) => one.reason === reason)
        .map(({ capability }) => `\`${capability}\``);
      return `- \`${vendor}\` cannot ${those.join(", ")}: ${reason}.`;
    });
    const warnings = [...roomWarnings(SETTINGS), ...caveats];
    return [...lines, ...warnings.map((warning) => `- \`${vendor}\`: ${warning}.`)];
  });
  return [
    `| | ${adapters.map(({ vendor }) => `\`${vendor}\``).join(" | ")} |`,
    `|---|${adapters.map(() => "---|").join("")}`,
    ...rows,
    "",
    ...traitRows(adapters),
    ...(notes.length === 0 ? [] : ["", ...notes]),
    "",
  ].join("\n");
}
