import type { RtcClient } from "../../src/client/types.ts";
import type { Capability } from "../../src/contract/index.ts";
import { failures } from "./errors.ts";
import { participantKick, participantList } from "./participants.ts";
import { recordingStart } from "./recording-start.ts";
import { recordingStop } from "./recording-stop.ts";
import { recordingGet, recordingList, recordingUpdate } from "./recordings.ts";
import { roomCreate } from "./room-create.ts";
import { roomDelete } from "./room-delete.ts";
import { roomUpdate } from "./room-update.ts";
import { roomGet, roomList } from "./rooms.ts";
import { tokenIssue } from "./tokens.ts";
import type { Cases, Facet, World } from "./world.ts";

/** What every capability promises; one that is missing here does not compile. */
const facets: Record<Capability, Facet> = {
  "rtc.room.create": roomCreate,
  "rtc.room.get": roomGet,
  "rtc.room.list": roomList,
  "rtc.room.update": roomUpdate,
  "rtc.room.delete": roomDelete,
  "rtc.token.issue": tokenIssue,
  "rtc.participant.list": participantList,
  "rtc.participant.kick": participantKick,
  "rtc.recording.start": recordingStart,
  "rtc.recording.stop": recordingStop,
  "rtc.recording.get": recordingGet,
  "rtc.recording.list": recordingList,
  "rtc.recording.update": recordingUpdate,
};

/** What runs the cases: vitest's `describe` and `it`, or a test of this suite. */
export interface Runner {
  group(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
}

/** What is put to the test. */
export interface Subject {
  vendor: string;
  /** What the subject itself says that it can; no call is made. */
  explainRoute: RtcClient["explainRoute"];
  /** A fresh world for one case. */
  open(): Promise<World>;
}

/**
 * The promises of the contract, as tests of a client of one vendor. Which facets run is read from what the
 * subject says of itself: a capability that it has must work, one that it lacks must be refused without a call.
 */
export function conformance(runner: Runner, { vendor, explainRoute, open }: Subject): void {
  const run = (cases: Cases) => {
    for (const [name, test] of Object.entries(cases)) runner.test(name, async () => test(await open()));
  };
  for (const [capability, facet] of Object.entries(facets) as [Capability, Facet][]) {
    const able = explainRoute({ needs: [capability], vendor }).vendor === vendor;
    runner.group(`${capability} (${able ? "can" : "cannot"})`, () => run(able ? facet.can : facet.cannot));
  }
  runner.group("failures", () => run(failures));
}
