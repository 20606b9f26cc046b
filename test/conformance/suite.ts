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
import { routing } from "./routing.ts";
import { ability, hasTrait } from "./scenes.ts";
import { tokenIssue } from "./tokens.ts";
import { type Facet, type Part, type Scene, type Scenes, TRAITS, type Trait, type World } from "./world.ts";

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

/** What must hold for every vendor, whatever it can. */
const always: Record<string, Facet> = { routing, failures };

/** What runs the scenes: vitest's `describe` and `it`, or a test of this suite. */
export interface Runner {
  group(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
  /** Shows what is not played, and why. */
  note(text: string): void;
}

/** What is put to the test. */
export interface Subject {
  vendor: string;
  /** What the subject reports of itself, without a call. */
  client: Pick<RtcClient, "explainRoute" | "gateway" | "traits">;
  /** What its world does not have, and why. */
  lacks: Partial<Record<Part, string>>;
  /** Scenes that cannot hold through a kind of gateway, by name, and why. */
  except?: Readonly<Record<string, string>>;
  /** A fresh world for one case. */
  open(): Promise<World>;
}

/**
 * The promises of the contract, as tests of a client of one vendor. Which scenes are played is read from what the
 * subject says of itself: a capability that it has must work, one that it lacks must be rejected without a call, and
 * what does not apply is reported by name.
 */
export function conformance({ group, test, note }: Runner, subject: Subject): void {
  const { vendor, client } = subject;
  const absent = new Map<string, string[]>();
  const leaveOut = (scene: string, why: string) => absent.set(why, [...(absent.get(why) ?? []), scene]);
  const play = (name: string, groups: Group[]) => {
    const { played, others } = sortedOut(groups, subject);
    for (const [scene, why] of others) leaveOut(scene, why);
    if (played.length === 0) return;
    group(name, () => {
      for (const [scene, { play }] of played) test(scene, () => inWorldOf(subject, play));
    });
  };
  for (const [capability, facet] of Object.entries(facets) as [Capability, Facet][]) {
    const { fits, code, reason } = ability(client, vendor, capability);
    if (fits) {
      play(capability, groupsOf(facet, subject));
    } else {
      const why = `${code}, ${reason}`;
      leaveOut(`all of ${capability}`, why);
      play(`${capability}: ${why}`, [{ scenes: facet.cannot }]);
    }
  }
  for (const [name, facet] of Object.entries(always)) play(name, groupsOf(facet, subject));
  const lines = [...absent].map(([why, names]) => `  ${why}: ${names.map((name) => `"${name}"`).join(", ")}`);
  if (lines.length > 0) note([`${vendor}: what does not apply to it, and why`, ...lines].join("\n"));
}

/** Scenes of a capability, and why they are not for the vendor, if they are not. */
interface Group {
  scenes?: Scenes | undefined;
  why?: string | undefined;
}

/** The scenes of a capability that the vendor has. */
function groupsOf(
  { can, persistent, stateOnly, gatewayRecords, observable, unobservable }: Facet,
  { vendor, client }: Subject,
): Group[] {
  const { keepsRooms } = client.traits(vendor);
  const listing = ability(client, vendor, "rtc.participant.list");
  const isPersistent = keepsRooms ? "its rooms are persistent" : undefined;
  return [
    { scenes: can },
    { scenes: persistent, why: keepsRooms ? undefined : "its rooms are on demand" },
    { scenes: stateOnly, why: isPersistent },
    {
      scenes: gatewayRecords,
      why: isPersistent ?? (client.gateway === undefined ? "no gateway stores records" : undefined),
    },
    {
      scenes: observable,
      why: isPersistent ?? (listing.fits ? undefined : `participants cannot be observed: ${listing.reason}`),
    },
    {
      scenes: unobservable,
      why: isPersistent ?? (listing.fits ? "its participants can be observed" : undefined),
    },
  ];
}

/** What is played, and why the others are not. */
function sortedOut(groups: Group[], { vendor, client, lacks, except = {} }: Subject) {
  const excluding = ({ traits }: Scene): string | undefined => {
    const entries = Object.entries(traits) as [Trait, boolean][];
    const wrong = entries.find(([trait, has]) => hasTrait(client, vendor, trait) !== has);
    return wrong && `its rooms have ${wrong[1] ? "not: " : ""}${TRAITS[wrong[0]]}`;
  };
  const played = new Map<string, Scene>();
  const others = new Map<string, string>();
  for (const { scenes = {}, why } of groups) {
    for (const [name, scene] of Object.entries(scenes)) {
      const lacking = scene.needs.flatMap((part) => lacks[part] ?? [])[0];
      const reason = why ?? except[name] ?? excluding(scene) ?? lacking;
      if (reason === undefined) played.set(name, scene);
      else others.set(name, reason);
    }
  }
  return { played: [...played], others: [...others].filter(([name]) => !played.has(name)) };
}

async function inWorldOf(subject: Subject, play: (world: World) => Promise<void>): Promise<void> {
  const world = await subject.open();
  try {
    await play(world);
  } finally {
    await world.close();
  }
}
