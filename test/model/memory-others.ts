import { isEnded, NEVER, OWNER_KEY, type RoomResourceInput } from "../../src/contract/index.ts";
import type { MemoryVendor } from "../conformance/memory.ts";
import { memoryRecordings } from "../conformance/memory-recordings.ts";
import { OTHERS, type Place, THEIRS } from "./stage.ts";
import type { Step } from "./steps.ts";

/** What others do at the vendor in memory, and what happens there by itself. */
export async function othersInMemory(
  vendor: MemoryVendor,
  step: Step,
  { room: name, tape, outputs }: Place,
): Promise<void> {
  const { recorder } = vendor;
  const place = { region: null, name };
  const room = vendor.room(place);
  const recording = tape === undefined ? undefined : recorder.recordings.get(tape);
  switch (step.do) {
    case "restart the server":
      for (const each of [...vendor.rooms.values()]) vendor.lose(each);
      return;
    case "time passes":
    case "a day passes":
      expire(vendor);
      if (step.do === "a day passes") forgetAll(vendor);
      return;
    case "edit by hand":
      if (!room) return;
      room.metadata = step.keepingTag
        ? { ...step.metadata, ...tagged(vendor.record(room).owner) }
        : step.metadata;
      return;
    case "delete by hand":
      vendor.lose(place);
      return;
    case "all participants leave":
      if (room) room.inside = [];
      return;
    case "join": {
      // The token of a resource carries its settings, but for the endless timeout and the tag.
      if (!room && step.token === "of the resource" && outputs) vendor.make(place, settingsOf(outputs));
      const identity = `person-${vendor.calls.length}-${room?.inside.length ?? 0}`;
      if (step.publishing) vendor.publish(place, identity);
      else vendor.enter(place, identity);
      return;
    }
    case "make by hand": {
      if (room) return;
      const lasting = { emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER };
      const { metadata = {}, ...settings } =
        step.like === "declared" ? { ...lasting, ...settingsOf(outputs ?? {}) } : {};
      const tag = tagged(step.of === "no owner" ? null : OTHERS);
      vendor.make(place, { ...settings, metadata: { ...metadata, ...tag } });
      return;
    }
    case "record by hand": {
      const theirs = { ...place, layout: "grid", audioOnly: false, outputUri: THEIRS };
      if (room) await memoryRecordings(vendor).start(theirs);
      return;
    }
    case "stop by hand":
      if (recording) recorder.stop(recording);
      return;
    case "the recorder dies":
      if (recording && !isEnded(recording.status)) recorder.kill(recording.id);
  }
}

/** Every recording that is being finished has its file. */
export function finishAll({ recorder }: MemoryVendor): void {
  for (const one of recorder.recordings.values()) while (one.status === "ending") recorder.read(one);
}

function expire(vendor: MemoryVendor): void {
  for (const each of [...vendor.rooms.values()])
    if (each.inside.length === 0 && each.departureTimeoutSeconds !== NEVER) vendor.lose(each);
}

function forgetAll(vendor: MemoryVendor): void {
  finishAll(vendor);
  const { recorder } = vendor;
  for (const { id, status } of [...recorder.recordings.values()]) if (isEnded(status)) recorder.forget(id);
}

/** The settings of a room as the stack's outputs have them. */
function settingsOf({ maxParticipants, emptyTimeoutSeconds: seconds, metadata }: RoomResourceInput) {
  return {
    ...(maxParticipants === undefined ? {} : { maxParticipants }),
    ...(seconds === undefined ? {} : { emptyTimeoutSeconds: seconds, departureTimeoutSeconds: seconds }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function tagged(owner: string | null): { [OWNER_KEY]?: string } {
  return owner === null ? {} : { [OWNER_KEY]: owner };
}
