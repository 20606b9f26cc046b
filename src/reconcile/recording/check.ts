import type { RtcClient } from "../../client/types";
import {
  type Issue,
  isUnique,
  outsideRoot,
  parseRoomId,
  problems,
  type RouteRequest,
  RtcError,
  recordingOutputProblem,
  recordingResourceInput,
  roomId,
  roomNameProblem,
} from "../../contract";
import { duplicateRecording } from "../decision";
import { type Hidden, ROOM_FAILED } from "../declarations";
import type { Properties } from "../lifecycle";
import { clean, hasUnknown, knownOf } from "../state";
import { type RecordingContext, recordingKey } from "./state";

/**
 * All problems of the declared inputs at once, without the network. Resolves the room's id, the vendor and the
 * output address into the inputs.
 */
export function checkRecording(
  {
    client,
    config,
    rooms,
    declarations,
    report,
  }: Pick<RecordingContext, "client" | "config" | "rooms" | "declarations" | "report">,
  olds: Properties,
  news: Properties,
): { inputs: Properties; issues: Issue[] } {
  const { __rtc, __provider, ...rest } = ofFailedRoom(olds, news);
  const hidden = __rtc as Hidden | undefined;
  const before = hidden && declarations.get(hidden.urn);
  const given = clean(rest);
  const known = knownOf(given);
  // While it is not known whether there is video, an output for audio may be right.
  const audioOnly = known["audioOnly"] === true || hasUnknown(given["audioOnly"]);
  const issues = problems(recordingResourceInput, audioOnly ? { ...known, audioOnly } : known).filter(
    ({ path }) => path !== "room" || !hasUnknown(given["room"]),
  );
  if (given["outputUri"] === undefined) {
    const problem = recordingOutputProblem(config.recordingOutput, audioOnly);
    if (problem) issues.push({ path: "outputUri", message: problem });
  } else if (typeof known["outputUri"] === "string" && client.gateway === undefined) {
    // A gateway has a configuration of its own.
    const problem = outsideRoot(known["outputUri"], config.recordingOutput);
    if (problem) issues.push({ path: "outputUri", message: problem });
  }

  const declared = clean({ outputUri: config.recordingOutput, ...given });
  // A room that is not created yet has no id, but its own check has resolved the id it will have.
  const ofResource = hidden?.roomUrn === undefined ? undefined : rooms.get(hidden.roomUrn)?.declares;
  const sticky = { vendor: olds["vendor"] ?? before?.sticky.vendor };
  let { room } = declared;
  let vendor = declared["vendor"] ?? sticky.vendor;
  const routable = !issues.some(({ path }) => path === "room" || path === "vendor");
  if (routable && !hasUnknown(vendor)) {
    const unplaced = { vendor: vendor as string | undefined, region: null, name: String(room) };
    const id = hasUnknown(room) ? null : parseRoomId(String(room), client.vendors());
    const ref = hasUnknown(room) ? undefined : (id ?? unplaced);
    // A gateway chooses among them itself.
    const isAmbiguous = ref === unplaced && vendor === undefined && client.gateway === undefined;
    const vendors = isAmbiguous ? recordingVendors(client) : [];
    if (vendors.length > 1) {
      const ids = vendors.map((each) => roomId({ ...unplaced, vendor: each })).join(", ");
      issues.push({ path: "room", message: `could be ${ids}: give the id, or the vendor` });
    }
    try {
      const recording = settingsOf(knownOf(declared), issues);
      vendor = client.route({
        needs: ["rtc.recording.start"],
        ...(ref ?? { vendor: unplaced.vendor }),
        recording,
      });
      if (ref && vendor !== undefined) room = roomId({ ...ref, vendor: String(vendor) });
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      const field = error.issues?.[0]?.path;
      const isOwn = field === undefined || field === "vendor" || field in recordingResourceInput.shape;
      issues.push({ path: isOwn ? (field ?? "") : "room", message: `${error.code}: ${error.message}` });
    }
    const recorded = ref ?? (ofResource === undefined ? null : parseRoomId(ofResource, client.vendors()));
    const unrecordable = recorded && roomNameProblem(recorded.name);
    if (unrecordable && !issues.some(({ path }) => path === "room"))
      issues.push({ path: "room", message: unrecordable });
    if (recorded && declared["vendor"] !== undefined && recorded.vendor !== declared["vendor"]) {
      issues.push({ path: "vendor", message: `is not the room's, which is ${String(recorded.vendor)}` });
    }
  }

  const { outputUri } = known;
  const overwrites = typeof outputUri === "string" && !isUnique(outputUri, known["audioOnly"] === true);

  const inputs = clean({ ...declared, room, vendor });
  const roomToBe = hasUnknown(room) && hidden?.roomUrn ? ofResource : room;
  const declares = recordingKey({ ...inputs, room: roomToBe });
  const duplicate = declares === undefined ? undefined : declarations.declaring(declares);
  if (hidden && duplicate && duplicate.urn !== hidden.urn) {
    const message = `${duplicateRecording(roomToBe)}: also by ${duplicate.urn}`;
    issues.push({ path: "", message });
  }
  if (hidden) {
    const managedId = recordingKey(olds) ?? before?.managedId;
    declarations.add({
      ...hidden,
      sticky,
      managedId,
      declares,
      forceDestroy: known["forceDestroy"] === true,
    });
    const isNew = Object.keys(olds).length === 0;
    const recordsOnlyOccupied =
      client.vendors().includes(String(vendor)) && client.traits(String(vendor)).recordsOnlyOccupied;
    if (hidden.dryRun && isNew && recordsOnlyOccupied) {
      const message = `${vendor} records a room only while participants are in it: up fails for an empty room (ROOM_EMPTY) and can be repeated once a participant has joined`;
      report("warn", message, hidden.urn);
    }
    if (hidden.dryRun && isNew && overwrites) {
      const message =
        "a recreated recording, as when its room is recreated, overwrites this file: end outputUri with / for a folder, or put {time} into it";
      report("warn", message, hidden.urn);
    }
    const recordsSilence =
      !recordsOnlyOccupied && hidden.roomUrn && rooms.get(hidden.roomUrn)?.closes === false;
    if (hidden.dryRun && isNew && recordsSilence) {
      report(
        "warn",
        "the room never closes by itself, so this records silence after the last participant has left, until it is stopped: set emptyTimeoutSeconds on the room",
        hidden.urn,
      );
    }
  }
  return { inputs, issues };
}

/** The engine checks a recording whose room has failed in this run, and then skips it: it stays as it is in state. */
function ofFailedRoom(olds: Properties, news: Properties): Properties {
  if (news["room"] !== ROOM_FAILED) return news;
  const { room = ROOM_FAILED, roomSid, vendor } = olds;
  return { ...news, room, roomSid, vendor };
}

/** The settings in which nothing is wrong. */
function settingsOf(known: Properties, issues: Issue[]): RouteRequest["recording"] {
  const fields = ["layout", "audioOnly", "outputUri"] as const;
  const right = fields.filter(
    (field) => known[field] !== undefined && !issues.some(({ path }) => path === field),
  );
  return Object.fromEntries(right.map((field) => [field, known[field]]));
}

/** The vendors that can record. */
function recordingVendors(client: RtcClient): string[] {
  const { candidates } = client.explainRoute({ needs: ["rtc.recording.start"] });
  return candidates.filter(({ fits }) => fits).map(({ vendor }) => vendor);
}
