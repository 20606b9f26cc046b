import {
  type Issue,
  parseRoomId,
  problems,
  RtcError,
  recordingOutputProblem,
  recordingResourceInput,
} from "../../contract";
import type { Hidden } from "./memory";
import type { RecordingContext } from "./recording";
import { recordingKey } from "./recording-state";
import { clean, type Properties } from "./state";
import { hasUnknown, knownOf } from "./unknown";

/** What the resource class tells check of a recording: also the room, where it is a resource. */
type HiddenRecording = Hidden & { roomUrn?: string };

/**
 * All problems of the declared inputs at once, without the network. Resolves the room's id, the vendor and the
 * output address into the inputs.
 */
export function checkRecording(
  {
    client,
    config,
    rooms,
    memory,
    say,
  }: Pick<RecordingContext, "client" | "config" | "rooms" | "memory" | "say">,
  olds: Properties,
  news: Properties,
): { inputs: Properties; issues: Issue[] } {
  const { __rtc, __provider, ...given } = news;
  const hidden = __rtc as HiddenRecording | undefined;
  const before = hidden && memory.get(hidden.urn);
  const declared = clean({ outputUri: config.recordingOutput, ...clean(given) });
  const known = knownOf(declared);
  const issues = problems(recordingResourceInput, known).filter(
    ({ path }) => path !== "room" || !("room" in declared) || "room" in known,
  );

  const audioKnown = !hasUnknown(declared["audioOnly"]);
  if (given["outputUri"] === undefined && audioKnown) {
    const problem = recordingOutputProblem(config.recordingOutput, declared["audioOnly"] === true);
    if (problem) issues.push({ path: "outputUri", message: problem });
  }

  const sticky = { vendor: olds["vendor"] ?? before?.sticky.vendor };
  let { room } = declared;
  let vendor = declared["vendor"] ?? sticky.vendor;
  if (issues.length === 0 && !hasUnknown(vendor)) {
    try {
      const ref = hasUnknown(room) ? null : parseRoomId(client.roomId(String(room)), client.vendors());
      vendor = client.route({
        needs: ["rtc.recording.start"],
        vendor: ref?.vendor ?? (vendor as string | undefined),
        region: ref?.region,
      });
      if (!hasUnknown(room)) room = client.roomId(String(room));
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      issues.push({ path: "", message: `${error.code}: ${error.message}` });
    }
    if (declared["vendor"] !== undefined && vendor !== declared["vendor"]) {
      issues.push({ path: "vendor", message: `is not the room's, which is ${String(vendor)}` });
    }
  }

  const inputs = clean({ ...declared, room, vendor });
  const declares = hasUnknown([room, declared["layout"], declared["audioOnly"], declared["outputUri"]])
    ? undefined
    : recordingKey(inputs);
  const twin = declares === undefined ? undefined : memory.declaring(declares);
  if (hidden && twin && twin.urn !== hidden.urn) {
    const message = `room ${String(room)} is recorded twice with the same layout, audio and output: also by ${twin.urn}`;
    issues.push({ path: "", message });
  }
  if (hidden) {
    const oldId = typeof olds["room"] === "string" ? `${olds["room"]}/${hidden.name}` : before?.oldId;
    memory.set({ ...hidden, sticky, oldId, declares, forceDestroy: known["forceDestroy"] === true });
    const isNew = Object.keys(olds).length === 0;
    if (hidden.dryRun && isNew && hidden.roomUrn && rooms.get(hidden.roomUrn)?.closes === false) {
      say(
        "warn",
        "the room never closes by itself, so this records silence after everybody has left, until it is stopped: set emptyTimeoutSeconds on the room",
        hidden.urn,
      );
    }
  }
  return { inputs, issues };
}
