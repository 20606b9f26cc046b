import type { RtcClient } from "../../client/types";
import {
  type Capability,
  DECLARED_SETTINGS,
  hasTimeout,
  type Issue,
  problems,
  type RoomFields,
  RtcError,
  recordingOutputProblem,
  roomNameProblem,
  roomResourceInput,
} from "../../contract";
import type { Hidden } from "../declarations";
import { closeGap } from "../gaps";
import type { Context, Properties, Report } from "../lifecycle";
import { clean, hasUnknown, knownOf } from "../state";
import { roomIdOf, roomKeyOf } from "./state";

/** The inputs that decide where the room is placed. */
const ROUTED: ReadonlySet<string> = new Set(["vendor", "region", "name", "enableRecording"]);

/**
 * All problems of the declared inputs at once, without the network. Resolves the name and the vendor into the
 * inputs, and adds to the declarations what the engine does not pass to the other calls.
 */
export function checkRoom(
  { client, config, declarations, report }: Omit<Context, "clock">,
  olds: Properties,
  news: Properties,
): { inputs: Properties; issues: Issue[] } {
  const { __rtc, __provider, ...given } = news;
  const hidden = __rtc as Hidden | undefined;
  const before = hidden && declarations.get(hidden.urn);
  const declared = clean(given);
  const known = knownOf(declared);
  const issues = problems(roomResourceInput, known);
  const recorded = known["enableRecording"] === true;

  // A replacement calls check again with empty olds: another default must not move the room.
  const sticky = {
    vendor: olds["vendor"] ?? before?.sticky.vendor,
    name: olds["name"] ?? before?.sticky.name,
  };
  const name = declared["name"] ?? sticky.name ?? hidden?.name;
  let vendor = declared["vendor"] ?? sticky.vendor;
  const stays = declared["vendor"] === undefined && sticky.vendor !== undefined;
  const needs: Capability[] = ["rtc.room.create"];
  if (recorded) needs.push("rtc.recording.start");
  let isPlacedByGateway = false;
  const routable = !issues.some(({ path }) => ROUTED.has(path)) && !hasUnknown([vendor, declared["region"]]);
  if (routable) {
    try {
      vendor = client.route({
        needs,
        vendor: text(vendor),
        region: text(declared["region"]),
        name: hasUnknown(name) ? undefined : text(name),
        settings: settingsOf(known, issues),
      });
      isPlacedByGateway = vendor === undefined;
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      const recording = error.code === "UNSUPPORTED" && recorded ? "enableRecording" : "";
      const where = stays ? `. It is at ${String(vendor)}, and stays there unless vendor names another` : "";
      issues.push({
        path: error.issues?.[0]?.path ?? recording,
        message: `${error.code}: ${error.message}${where}`,
      });
    }
  }

  const unrecordable = recorded && !hasUnknown(name) && roomNameProblem(String(name));
  if (unrecordable && !issues.some(({ path }) => path === "name"))
    issues.push({ path: "name", message: unrecordable });

  // A gateway has its own output.
  if (recorded && client.gateway === undefined) {
    const problem = recordingOutputProblem(config.recordingOutput, false);
    if (problem) issues.push({ path: "enableRecording", message: problem });
  }

  const inputs = clean({ ...declared, name, vendor });
  const region = declared["region"] ?? null;
  const parts = knownOf({ name, vendor, region });
  const declares = isPlacedByGateway ? roomKeyOf(parts) : roomIdOf(parts);
  const isKnown = declares !== undefined && !hasUnknown(region);
  const location = isKnown ? (isPlacedByGateway ? declares : locationOf(client, inputs)) : undefined;
  const duplicate =
    hidden && location !== undefined ? declarations.duplicate(location, hidden.urn) : undefined;
  if (duplicate) {
    const same = duplicate.declares === declares ? "" : `, as ${duplicate.declares}, which is the same room`;
    issues.push({
      path: "name",
      message: `room ${isPlacedByGateway ? String(name) : declares} is declared twice in this program: also by ${duplicate.urn}${same}`,
    });
  }
  if (hidden) {
    const managedId = roomIdOf(olds) ?? before?.managedId;
    declarations.add({
      ...hidden,
      sticky,
      managedId,
      declares,
      location,
      forceDestroy: known["forceDestroy"] === true,
      closes: hasTimeout(declared),
      placedAt: before?.placedAt,
    });
  }
  // The second check of a replacement has no olds, and nothing new to report.
  const isRepeated = Object.keys(olds).length === 0 && before?.managedId !== undefined;
  if (hidden?.dryRun && routable && issues.length === 0 && !isRepeated) {
    const resolved = { olds, inputs: knownOf(inputs), vendor: text(vendor), needs, stays };
    for (const { level, message } of previewNotes({ client, config, declarations }, resolved))
      report(level, message, hidden.urn);
  }
  return { inputs, issues };
}

/** The id of a room without a region that is only another address of it; undefined for an unknown vendor. */
function locationOf(client: RtcClient, { name, vendor, region }: Properties): string | undefined {
  if (!client.vendors().includes(String(vendor))) return undefined;
  const { deployments } = client.traits(String(vendor));
  const own = deployments?.some((deployment) => deployment === region) ?? true;
  return roomIdOf({ name, vendor, region: own ? region : null });
}

/** The valid settings. */
function settingsOf(known: Properties, issues: Issue[]): RoomFields {
  const isWrong = (field: string) => issues.some(({ path }) => path.split(/[.[]/)[0] === field);
  const fields = [...DECLARED_SETTINGS, "enableRecording"];
  return Object.fromEntries(fields.filter((field) => !isWrong(field)).map((field) => [field, known[field]]));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The known inputs of a room, as check has resolved them. */
export interface Resolved {
  /** The inputs before; empty where the room is new. */
  olds: Properties;
  inputs: Properties;
  /** Undefined: a gateway chooses it. */
  vendor: string | undefined;
  needs: Capability[];
  /** Whether the program names no vendor, and the room stays where it is. */
  stays: boolean;
}

/** What a preview reports of a room beside its changes. Unchanged settings are not reported again. */
export function previewNotes(
  { client, config, declarations }: Pick<Context, "client" | "config" | "declarations">,
  { olds, inputs, vendor, needs, stays }: Resolved,
): { level: Parameters<Report>[0]; message: string }[] {
  if (vendor === undefined) return [];
  const before = olds["vendor"] === vendor ? client.roomWarnings(vendor, olds) : [];
  const warnings = client.roomWarnings(vendor, inputs).filter((warning) => !before.includes(warning));
  if (olds["vendor"] !== vendor)
    warnings.push(...client.traits(vendor).caveats.filter((caveat) => declarations.isFirstReport(caveat)));

  const region = typeof inputs["region"] === "string" ? inputs["region"] : undefined;
  const forced = config.forceDestroy === true || inputs["forceDestroy"] === true;
  const wasForced = olds["vendor"] === vendor && olds["forceDestroy"] === true;
  if (forced && !wasForced && !client.traits(vendor).keepsRooms) {
    const problem = closeGap(client, { vendor, region });
    if (problem) warnings.push(`destroy will reject this: ${problem}`);
  }
  const notes = warnings.map((message) => ({ level: "warn" as const, message }));

  const name = typeof inputs["name"] === "string" ? inputs["name"] : undefined;
  const today = stays ? client.explainRoute({ needs, region, name }).vendor : vendor;
  if (today === null || today === vendor) return notes;
  const message = `it stays at ${vendor}; a new room would go to ${today} now. To move it there, which replaces it, set vendor: ${today}`;
  return [...notes, { level: "info", message }];
}
