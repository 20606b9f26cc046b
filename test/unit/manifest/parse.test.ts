import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { HEAD } from "./fixture.ts";

const recordingsOf = (text: string) => parseManifest(`${HEAD}${text}`, "rtc.yaml").recordings;
const roomsOf = (rooms: string) => parseManifest(`${HEAD}${rooms}`, "rtc.yaml").rooms;

describe("a manifest", () => {
  it("holds the project and its rooms by resource name, each with the inputs of an RtcRoom", () => {
    const text = `
      # yaml-language-server: $schema=./node_modules/pulumi-rtc/schema/rtc.schema.json
      apiVersion: rtc/v1
      project: acme
      rooms:
        standup: { maxParticipants: 12, metadata: { team: core, nested: [1, 2.5, null, true] } }
        "town hall":
          name: town-hall
          vendor: livekit
          region: eu
          emptyTimeoutSeconds: 600
          adopt: true
          forceDestroy: false
    `;
    expect(parseManifest(text, "rtc.yaml")).toEqual({
      project: "acme",
      rooms: {
        standup: { maxParticipants: 12, metadata: { team: "core", nested: [1, 2.5, null, true] } },
        "town hall": {
          name: "town-hall",
          vendor: "livekit",
          region: "eu",
          emptyTimeoutSeconds: 600,
          adopt: true,
          forceDestroy: false,
        },
      },
      recordings: {},
    });
  });

  it("holds the recordings by resource name, each of one of its rooms, with the inputs of an RtcRecording", () => {
    const text = `
      rooms: { standup: , "town hall": { emptyTimeoutSeconds: 600 } }
      recordings:
        standup: { room: standup }
        town-hall:
          room: town hall
          layout: speaker-dark
          audioOnly: false
          outputUri: "s3://acme/{room_name}/"
          metadata: { course: 7 }
          restartPolicy: onFailure
          vendor: livekit
          forceDestroy: true
    `.replaceAll(/^ {6}/gm, "");
    expect(recordingsOf(text)).toEqual({
      standup: { room: "standup" },
      "town-hall": {
        room: "town hall",
        layout: "speaker-dark",
        audioOnly: false,
        outputUri: "s3://acme/{room_name}/",
        metadata: { course: 7 },
        restartPolicy: "onFailure",
        vendor: "livekit",
        forceDestroy: true,
      },
    });
  });

  it("may declare no recording", () => {
    expect(recordingsOf("")).toEqual({});
    expect(recordingsOf("recordings:\n")).toEqual({});
    expect(recordingsOf("recordings: {}\n")).toEqual({});
  });

  it("may declare a room of which nothing is reported", () => {
    expect(roomsOf("rooms:\n  a:\n  b: {}\n  c: ~\n")).toEqual({ a: {}, b: {}, c: {} });
  });

  it("may declare no room", () => {
    expect(roomsOf("")).toEqual({});
    expect(roomsOf("rooms:\n")).toEqual({});
    expect(roomsOf("rooms: {}\n")).toEqual({});
  });

  it("may name a room like anything that YAML reads as a text or a number", () => {
    expect(Object.keys(roomsOf("rooms:\n  1:\n  true:\n  constructor:\n  '...':\n  ü b:\n"))).toEqual([
      "1",
      "true",
      "constructor",
      "...",
      "ü b",
    ]);
  });

  it("may repeat itself by alias", () => {
    expect(roomsOf("rooms:\n  a: &a { maxParticipants: 5 }\n  b: *a\n")).toEqual({
      a: { maxParticipants: 5 },
      b: { maxParticipants: 5 },
    });
  });

  it("reads words as YAML 1.2 does: no is a text", () => {
    const metadata = "{ country: no, on: off, time: 12:30:00, date: 2026-01-02 }";
    expect(roomsOf(`rooms:\n  a:\n    metadata: ${metadata}\n`)["a"]?.metadata).toEqual({
      country: "no",
      on: "off",
      time: "12:30:00",
      date: "2026-01-02",
    });
  });
});
