import type { EgressStatus } from "livekit-server-sdk";
import { isCoreOnly, isSeam } from "./through.ts";

/** What a program declares of one room. */
export interface Declared {
  /** Inputs of its RtcRoom. */
  room: {
    maxParticipants?: number;
    emptyTimeoutSeconds?: number;
    metadata?: object;
    enableRecording?: boolean;
  };
  /** Inputs of an RtcRecording of it, over the usual ones. */
  recording?: { layout?: string; audioOnly?: boolean; outputUri?: string; restartPolicy?: string };
  /** The resources have another name than the room. */
  renamed?: true;
}

/** Something that `pulumi up` does, to be killed in the middle. */
export interface Scene {
  /** What the run does. */
  key: string;
  /** What has been deployed; nothing where it is left out. */
  before?: Declared;
  /** What the run is to reach; left out: nothing stays. */
  after?: Declared;
  /** A participant publishes and leaves before the run, so that the recording has a file to lose. */
  filmed?: boolean;
  /** The recording is stopped before the run, and a refresh observes it. */
  ended?: boolean;
  /** What there is of the room's recordings in the end, past ones too: one more was begun in vain, or cut in two. */
  recordings: readonly (keyof typeof EgressStatus)[];
}

const CLOSING = { emptyTimeoutSeconds: 600 };

const all: readonly Scene[] = [
  {
    key: "make-room",
    after: { room: { maxParticipants: 12, metadata: { team: "core" } } },
    recordings: [],
  },
  {
    key: "make-recorded-room",
    after: { room: { enableRecording: true } },
    recordings: ["EGRESS_STARTING"],
  },
  {
    key: "change-metadata",
    before: { room: { metadata: { team: "core" } } },
    after: { room: { metadata: { team: "edge" } } },
    recordings: [],
  },
  {
    key: "replace-room",
    before: { room: { maxParticipants: 12 } },
    after: { room: { maxParticipants: 20 } },
    recordings: [],
  },
  {
    key: "delete-room",
    before: { room: { maxParticipants: 12 } },
    recordings: [],
  },
  {
    key: "start-recording",
    before: { room: CLOSING },
    after: { room: CLOSING, recording: {} },
    recordings: ["EGRESS_STARTING"],
  },
  {
    key: "change-layout",
    before: { room: CLOSING, recording: { audioOnly: false, layout: "grid" } },
    after: { room: CLOSING, recording: { audioOnly: false, layout: "speaker-dark" } },
    recordings: isCoreOnly ? ["EGRESS_ABORTED", "EGRESS_STARTING"] : ["EGRESS_STARTING"],
  },
  {
    key: "stop-recording",
    before: { room: CLOSING, recording: {} },
    after: { room: CLOSING },
    filmed: true,
    recordings: ["EGRESS_COMPLETE"],
  },
  {
    key: "start-again",
    before: { room: CLOSING, recording: { restartPolicy: "always" } },
    after: { room: CLOSING, recording: { restartPolicy: "always" } },
    filmed: true,
    ended: true,
    recordings: ["EGRESS_COMPLETE", "EGRESS_STARTING"],
  },
  {
    key: "replace-recording",
    before: { room: CLOSING, recording: {} },
    after: { room: CLOSING, recording: { outputUri: "out/elsewhere/" } },
    recordings: ["EGRESS_ABORTED", "EGRESS_STARTING"],
  },
  {
    key: "replace-recorded-room",
    before: { room: { ...CLOSING, maxParticipants: 12 }, recording: {} },
    after: { room: { ...CLOSING, maxParticipants: 20 }, recording: {} },
    filmed: true,
    recordings: ["EGRESS_COMPLETE", "EGRESS_STARTING"],
  },
  {
    key: "rename",
    before: { room: CLOSING, recording: {} },
    after: { room: CLOSING, recording: {}, renamed: true },
    recordings: ["EGRESS_STARTING"],
  },
];

/** What shows that a gateway loses no more than the vendor does: each way in which a run changes something through it. */
const SEAM = ["make-recorded-room", "change-metadata", "start-recording", "replace-recorded-room"];

/**
 * What is killed: everything that is done to a room or a recording. Through core capabilities only no refresh sees what has
 * ended, and no room moves to another resource, since nothing changes its tag.
 */
export const scenes: readonly Scene[] = all.filter(
  ({ key, ended, after }) => !((ended || after?.renamed) && isCoreOnly) && !(isSeam && !SEAM.includes(key)),
);

/** The name of the resources of a room. */
export function resourceOf(name: string, { renamed }: Declared): string {
  return renamed ? `${name}-renamed` : name;
}

/** Whether something that was declared no longer is. */
export function removes({ before, after }: Scene): boolean {
  return Boolean((before && !after) || (before?.recording && !after?.recording));
}

/** A program that declares rooms by their names. */
export function programOf(rooms: readonly { name: string; declared: Declared | undefined }[]): string {
  const lines = rooms.flatMap(({ name, declared }, index) => {
    if (declared === undefined) return [];
    const id = JSON.stringify(resourceOf(name, declared));
    const room = `const room${index} = new rtc.RtcRoom(${id}, ${JSON.stringify({ name, ...declared.room })});`;
    if (declared.recording === undefined) return [room];
    const inputs = JSON.stringify({ audioOnly: true, outputUri: `out/${name}/`, ...declared.recording });
    return [room, `new rtc.RtcRecording(${id}, { room: room${index}, ...${inputs} });`];
  });
  return ['const rtc = require("pulumi-rtc");', ...lines].join("\n");
}
