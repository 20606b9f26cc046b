import type { Capability } from "../../contract";
import type { Context, Properties, Report } from "../context";
import { closeGap } from "../gaps";

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
