import type { RtcClient } from "../../client/types";
import {
  type Capability,
  type Issue,
  problems,
  RtcError,
  recordingOutputProblem,
  roomResourceInput,
} from "../../contract";
import type { RoomContext } from "./context";
import type { Hidden } from "./memory";
import { notesOn } from "./room-notes";
import { clean, idOf, keyOf, type Properties } from "./state";
import { hasUnknown, knownOf } from "./unknown";

/** The inputs that decide which vendor it is. */
const ROUTED: ReadonlySet<string> = new Set(["vendor", "region", "name", "enableRecording"]);

/**
 * All problems of the declared inputs at once, without the network. Resolves the name and the vendor into the
 * inputs, where they stay; remembers what the other calls are not told.
 */
export function checkRoom(
  { client, config, memory, say }: RoomContext,
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
  const stays = declared["vendor"] === undefined && sticky.vendor !== undefined;
  const needs: Capability[] = ["rtc.room.create"];
  if (recorded) needs.push("rtc.recording.start");
  let isRouted = false;
  const routable = !issues.some(({ path }) => ROUTED.has(path)) && !hasUnknown([vendor, declared["region"]]);
  if (routable) {
    try {
      vendor = client.route({
        needs,
        vendor: text(vendor),
        region: text(declared["region"]),
        name: hasUnknown(name) ? undefined : text(name),
      });
      isRouted = vendor === undefined;
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      const recording = error.code === "UNSUPPORTED" && recorded ? "enableRecording" : "";
      const where = stays ? `. It is at ${String(vendor)}, and stays there unless vendor says otherwise` : "";
      issues.push({
        path: error.issues?.[0]?.path ?? recording,
        message: `${error.code}: ${error.message}${where}`,
      });
    }
  }

  // A gateway has its own.
  if (recorded && client.gateway === undefined) {
    const problem = recordingOutputProblem(config.recordingOutput, false);
    if (problem) issues.push({ path: "enableRecording", message: problem });
  }

  const inputs = clean({ ...declared, name, vendor });
  const region = declared["region"] ?? null;
  const parts = knownOf({ name, vendor, region });
  const declares = isRouted ? keyOf(parts) : idOf(parts);
  const whole = declares !== undefined && !hasUnknown(region);
  const place = whole ? (isRouted ? declares : placeOf(client, inputs)) : undefined;
  const twin = hidden && place !== undefined ? memory.twin(place, hidden.urn) : undefined;
  if (twin) {
    const same = twin.declares === declares ? "" : `, as ${twin.declares}, which is the same room`;
    issues.push({
      path: "name",
      message: `room ${isRouted ? String(name) : declares} is declared twice in this program: also by ${twin.urn}${same}`,
    });
  }
  if (hidden) {
    const oldId = idOf(olds) ?? before?.oldId;
    memory.set({
      ...hidden,
      sticky,
      oldId,
      declares,
      place,
      forceDestroy: known["forceDestroy"] === true,
      closes: declared["emptyTimeoutSeconds"] !== undefined,
      settled: before?.settled,
    });
  }
  // The second check of a replacement has no olds, and nothing new to tell.
  const isAgain = Object.keys(olds).length === 0 && before?.oldId !== undefined;
  if (hidden?.dryRun && routable && issues.length === 0 && !isAgain) {
    const resolved = { olds, inputs: knownOf(inputs), vendor: text(vendor), needs, stays };
    for (const { level, message } of notesOn({ client, config, memory }, resolved))
      say(level, message, hidden.urn);
  }
  return { inputs, issues };
}

/** The id of a room without a region that only leads to it; undefined at a vendor that there is not. */
function placeOf(client: RtcClient, { name, vendor, region }: Properties): string | undefined {
  if (!client.vendors().includes(String(vendor))) return undefined;
  const { deployments } = client.traits(String(vendor));
  const own = deployments?.some((deployment) => deployment === region) ?? true;
  return idOf({ name, vendor, region: own ? region : null });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
