import {
  type Capability,
  type Issue,
  problems,
  RtcError,
  recordingOutputProblem,
  roomResourceInput,
} from "../../contract";
import type { Hidden } from "./memory";
import type { RoomContext } from "./room";
import { clean, idOf, type Properties } from "./state";
import { hasUnknown, knownOf } from "./unknown";

/** The inputs that decide which vendor it is. */
const ROUTED: ReadonlySet<string> = new Set(["vendor", "region", "name", "enableRecording"]);

/**
 * All problems of the declared inputs at once, without the network. Resolves the name and the vendor into the
 * inputs, where they stay; remembers what the other calls are not told.
 */
export function checkRoom(
  { client, config, memory, say }: Pick<RoomContext, "client" | "config" | "memory" | "say">,
  olds: Properties,
  news: Properties,
): { inputs: Properties; issues: Issue[] } {
  const { __rtc, __provider, ...given } = news;
  const hidden = __rtc as Hidden | undefined;
  const before = hidden && memory.get(hidden.urn);
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
  const routable = !issues.some(({ path }) => ROUTED.has(path));
  if (routable && !hasUnknown([vendor, declared["region"]])) {
    const needs: Capability[] = ["rtc.room.create"];
    if (recorded) needs.push("rtc.recording.start");
    try {
      vendor = client.route({
        needs,
        vendor: text(vendor),
        region: text(declared["region"]),
        name: hasUnknown(name) ? undefined : text(name),
      });
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      const recording = error.code === "UNSUPPORTED" && recorded ? "enableRecording" : "";
      issues.push({ path: error.issues?.[0]?.path ?? recording, message: `${error.code}: ${error.message}` });
    }
  }

  if (recorded) {
    const problem = recordingOutputProblem(config.recordingOutput, false);
    if (problem) issues.push({ path: "enableRecording", message: problem });
  }

  const inputs = clean({ ...declared, name, vendor });
  const declares = idOf(knownOf({ name, vendor, region: declared["region"] ?? null }));
  const twin =
    declares === undefined || hasUnknown(declared["region"]) ? undefined : memory.declaring(declares);
  if (hidden && twin && twin.urn !== hidden.urn) {
    issues.push({
      path: "name",
      message: `room ${declares} is declared twice in this program: also by ${twin.urn}`,
    });
  }
  if (hidden) {
    const oldId = idOf(olds) ?? before?.oldId;
    memory.set({
      ...hidden,
      sticky,
      oldId,
      declares,
      forceDestroy: known["forceDestroy"] === true,
      closes: declared["emptyTimeoutSeconds"] !== undefined,
    });
  }
  if (recorded && hidden?.dryRun && Object.keys(olds).length === 0) {
    say(
      "warn",
      "enableRecording covers the room's first session only; an RtcRecording is kept as declared",
      hidden.urn,
    );
  }
  return { inputs, issues };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
