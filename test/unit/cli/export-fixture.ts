import { expect } from "vitest";
import { exportManifest, exportYaml, type Live } from "../../../src/cli/export/export.ts";
import { NEVER, type Recording, type Room } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";

/** A room of LiveKit, made without a word about it. */
export function room(name: string, more: Partial<Room> = {}): Room {
  const { vendor = "livekit", region = null } = more;
  return {
    room: `${vendor}${region === null ? "" : `@${region}`}:${name}`,
    name,
    vendor,
    state: "open",
    maxParticipants: null,
    emptyTimeoutSeconds: NEVER,
    departureTimeoutSeconds: NEVER,
    numParticipants: 0,
    metadata: {},
    region,
    createdAt: null,
    sid: `RM_${name}`,
    endpoint: "https://rtc.example.com",
    owner: null,
    ...more,
  };
}

/** A recording that runs in it. */
export function recording(id: string, of: string, more: Partial<Recording> = {}): Recording {
  const settings = { layout: "grid", audioOnly: true, outputUri: `out/${of}/` };
  return {
    recording: id,
    room: `livekit:${of}`,
    roomSid: `RM_${of}`,
    status: "active",
    ...settings,
    ...more,
  };
}

const isPersistent = (vendor: string) => vendor === "livekit";
const nothing: Live = {
  ...{ rooms: [], recordings: [], unlisted: [], isPersistent },
  isCreated: (one) => isPersistent(one.vendor),
};
const acme = { project: "acme", adoptionTags: true };

/** What is exported, and the file, which must read as the same again. */
export function exportOf(live: Partial<Live>, exporting: Partial<Parameters<typeof exportManifest>[1]> = {}) {
  const found = exportManifest({ ...nothing, ...live }, { ...acme, ...exporting });
  const text = exportYaml(found);
  expect(parseManifest(text, "rtc.yaml", { environment: {} })).toEqual(found.manifest);
  return { ...found, text };
}

/** What is not declared. */
export const leftOut = (live: Partial<Live>, exporting = {}) => exportOf(live, exporting).leftOut;
