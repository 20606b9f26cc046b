import { describe, expect, it } from "vitest";
import { HEAD, problemsOf, rejectionOf } from "./fixture.ts";

const ROOMS = "rooms: { standup: , town-hall: }\n";
/** The problems of a recording, which stands in line 5. */
const of = (inputs: string) => problemsOf(`${HEAD}${ROOMS}recordings:\n  tape: ${inputs}\n`);

describe("a manifest's recording", () => {
  it.each([
    [
      "a room that is not declared",
      "{ room: stand-up }",
      "5:17: recordings.tape.room: names no room of this manifest; did you mean standup?",
    ],
    [
      "a room that is like none",
      "{ room: cafeteria }",
      "5:17: recordings.tape.room: names no room of this manifest",
    ],
    [
      "a room by its id, which others may have",
      '{ room: "livekit:standup" }',
      "5:17: recordings.tape.room: names no room of this manifest",
    ],
    [
      "a name that every object has",
      "{ room: constructor }",
      "5:17: recordings.tape.room: names no room of this manifest",
    ],
    ["no room", "{ audioOnly: true }", "5:9: recordings.tape.room: is missing"],
    ["a room that is a number", "{ room: 7 }", "5:17: recordings.tape.room: must be a string"],
    [
      "a layout that there is not",
      "{ room: standup, layout: mosaic }",
      "5:34: recordings.tape.layout: must be one of grid, grid-light, grid-dark, speaker, speaker-light, speaker-dark, single-speaker, single-speaker-light, single-speaker-dark",
    ],
    [
      "audio that is a text",
      "{ room: standup, audioOnly: 'yes' }",
      "5:37: recordings.tape.audioOnly: must be true or false",
    ],
    [
      "an output of another kind",
      "{ room: standup, outputUri: 'ftp://acme/' }",
      "5:37: recordings.tape.outputUri: must begin with s3://, gs:// or azblob://, or be a path on the egress host",
    ],
    [
      "a file for audio, with video",
      "{ room: standup, outputUri: out/a.ogg }",
      "5:37: recordings.tape.outputUri: .ogg holds audio only: set audioOnly, or record .mp4",
    ],
    [
      "a policy that there is not",
      "{ room: standup, restartPolicy: sometimes }",
      "5:41: recordings.tape.restartPolicy: must be never, onFailure or always",
    ],
    [
      "the generation of a room",
      "{ room: standup, roomSid: RM_1 }",
      "5:26: recordings.tape.roomSid: is not known",
    ],
    [
      "a misspelt input",
      "{ room: standup, restartpolicy: always }",
      "5:26: recordings.tape.restartpolicy: is not known; did you mean restartPolicy?",
    ],
    ["a text", "standup", "5:9: recordings.tape: must be an object"],
    ["nothing", "", "5:9: recordings.tape: must be an object"],
  ])("is rejected with its place: %s", (_name, inputs, problem) => {
    expect(of(inputs)).toEqual([problem]);
  });

  it("is rejected beside every other mistake, in order", () => {
    const text = `${HEAD}rooms: { standup: { adopt: 1 } }
recordings:
  a: { room: stand, layout: mosaic }
  b: { room: standup, outputUri: "s3://acme" }
  c: { room: town-hall }
`;
    expect(problemsOf(text).map((problem) => problem.split(": ").slice(0, 2).join(": "))).toEqual([
      "3:28: rooms.standup.adopt",
      "5:14: recordings.a.room",
      "5:29: recordings.a.layout",
      "7:14: recordings.c.room",
    ]);
  });

  it("is rejected with the line and a caret, like a room", () => {
    expect(rejectionOf(`${HEAD}${ROOMS}recordings:\n  tape: { room: town_hall }\n`).message).toBe(
      `rtc.yaml is not valid:
  rtc.yaml:5:17: recordings.tape.room: names no room of this manifest; did you mean town-hall?
      tape: { room: town_hall }
                    ^`,
    );
  });

  it("is rejected where there are no rooms at all, or the recordings are a list", () => {
    const alone = `${HEAD}recordings:\n  tape: { room: standup }\n`;
    expect(problemsOf(alone)).toEqual(["4:17: recordings.tape.room: names no room of this manifest"]);
    expect(problemsOf(`${HEAD}recordings: [tape]\n`)).toEqual([
      "3:13: recordings: must be an object of recordings by name",
    ]);
  });
});
