import { describe, expect, test } from "vitest";
import { NEVER, type Recording, type Room } from "../../../src/contract/index.ts";
import { decideOrphans } from "../../../src/reconcile/orphans.ts";

/** The decision table of orphans: what rtc sweep would delete, and what a teardown reports as remaining. */

const TAG = "aaaaaaaaaaaa";
const OURS = `${TAG}-111111111111`;
const ANOTHER = "bbbbbbbbbbbb-111111111111";

const room = (id: string, owner: string | null): Room => ({
  ...{
    room: id,
    name: id,
    vendor: "memory",
    state: "open",
    region: null,
    createdAt: null,
    metadata: {},
    owner,
  },
  ...{ maxParticipants: null, emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER },
  ...{ numParticipants: 0, sid: `RM_${id}`, endpoint: "memory" },
});
const recordingOf = (id: string): Recording => ({ recording: `EG_${id}`, room: id, status: "active" });

describe.each([
  { title: "of this stack, not managed", owner: OURS, managed: [], orphaned: true },
  { title: "of this stack, managed", owner: OURS, managed: ["hall"], orphaned: false },
  { title: "of another stack", owner: ANOTHER, managed: [], orphaned: false },
  { title: "without an owner", owner: null, managed: [], orphaned: false },
  {
    title: "without an owner, which was this stack's",
    owner: null,
    managed: [],
    untagged: ["hall"],
    orphaned: true,
  },
  {
    title: "of another stack, which was this stack's",
    owner: ANOTHER,
    managed: [],
    untagged: ["hall"],
    orphaned: false,
  },
  {
    title: "without an owner, which is this stack's",
    owner: null,
    managed: ["hall"],
    untagged: ["hall"],
    orphaned: false,
  },
])("a room $title", ({ owner, managed, untagged = [], orphaned }) => {
  const decided = (live: { recordings: Recording[] }, more: string[] = []) =>
    decideOrphans(
      { rooms: [room("hall", owner)], ...live },
      { tag: TAG, managed: [...managed, ...more], untagged },
    );

  test(orphaned ? "is deleted" : "stays", () => {
    const { action, rooms } = decided({ recordings: [] });
    expect({ action, rooms }).toEqual(
      orphaned ? { action: "delete", rooms: ["hall"] } : { action: "none", rooms: [] },
    );
  });

  test(orphaned ? "has its recording stopped first" : "keeps its recording", () => {
    expect(decided({ recordings: [recordingOf("hall")] }).recordings).toEqual(orphaned ? ["EG_hall"] : []);
  });

  test("leaves a recording that the stack manages", () => {
    expect(decided({ recordings: [recordingOf("hall")] }, ["EG_hall"]).recordings).toEqual([]);
  });

  test("leaves the recordings of other rooms", () => {
    expect(decided({ recordings: [recordingOf("foyer")] }).recordings).toEqual([]);
  });
});
