import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { HEAD, problemsOf } from "./fixture.ts";

const read = (text: string, environment: NodeJS.ProcessEnv = {}) =>
  parseManifest(`${HEAD}${text}`, "rtc.yaml", { environment });

describe("defaults", () => {
  it("apply to every room and recording that does not override them", () => {
    const { rooms, recordings } = read(`
defaults:
  rooms: { maxParticipants: 12, metadata: { team: core }, protect: true }
  recordings: { audioOnly: true }
rooms: { a: , b: { maxParticipants: 3, metadata: { team: ops }, protect: false } }
recordings: { a: { room: a }, b: { room: b, audioOnly: false } }
`);
    expect(rooms).toEqual({
      a: { maxParticipants: 12, metadata: { team: "core" }, protect: true },
      b: { maxParticipants: 3, metadata: { team: "ops" }, protect: false },
    });
    expect(recordings).toEqual({ a: { room: "a", audioOnly: true }, b: { room: "b", audioOnly: false } });
  });

  it("cannot give a name, and are checked where they stand", () => {
    expect(problemsOf(`${HEAD}defaults: { rooms: { name: x, maxParticipants: 0 } }\n`)).toEqual([
      "3:22: defaults.rooms.name: is not known",
      "3:48: defaults.rooms.maxParticipants: must be at least 1",
    ]);
  });

  it("that do not fit a room are reported at the room", () => {
    const text = `${HEAD}defaults: { rooms: { emptyTimeoutSeconds: 60 } }\nrooms: { a: { enableRecording: true } }\n`;
    expect(problemsOf(text)).toEqual([
      "4:32: rooms.a.enableRecording: cannot stand beside emptyTimeoutSeconds: declare an RtcRecording instead (with the defaults)",
    ]);
  });
});

describe("count", () => {
  it("makes a numbered series, each with a recording where the series has one", () => {
    const { rooms, recordings } = read(
      "rooms: { class: { count: 3, maxParticipants: 30 }, hall: { count: 1, name: big } }\nrecordings: { lesson: { room: class } }\n",
    );
    expect(rooms).toEqual({
      "class-1": { maxParticipants: 30 },
      "class-2": { maxParticipants: 30 },
      "class-3": { maxParticipants: 30 },
      "hall-1": { name: "big-1" },
    });
    expect(recordings).toEqual({
      "lesson-1": { room: "class-1" },
      "lesson-2": { room: "class-2" },
      "lesson-3": { room: "class-3" },
    });
  });

  it("is rejected where a name of the series is declared too, and out of range", () => {
    expect(problemsOf(`${HEAD}rooms:\n  class: { count: 2 }\n  class-2: {}\n`)).toEqual([
      "4:19: rooms.class.count: expands to class-2, which is also declared",
    ]);
    expect(problemsOf(`${HEAD}rooms: { a: { count: 0 }, b: { count: 10001 } }\n`)).toHaveLength(2);
  });

  it("lets a recording name one room of a series", () => {
    const { recordings } = read("rooms: { class: { count: 2 } }\nrecordings: { first: { room: class-1 } }\n");
    expect(recordings).toEqual({ first: { room: "class-1" } });
  });
});

describe("a reference to the environment", () => {
  const SIZE = `\${env:SIZE}`;
  it("is read like YAML where it stands alone, and as a text in quotes or among others", () => {
    const text = `rooms:
  a:
    maxParticipants: ${SIZE}
    adopt: \${env:ADOPT:-true}
    metadata:
      size: "${SIZE}"
      at: room-${SIZE}
`;
    expect(read(text, { SIZE: "7" }).rooms["a"]).toEqual({
      maxParticipants: 7,
      adopt: true,
      metadata: { size: "7", at: "room-7" },
    });
  });

  it("takes the default where the variable is not set or empty", () => {
    const text = `rooms: { a: { region: "\${env:REGION:-eu}" } }\n`;
    expect(read(text).rooms["a"]).toEqual({ region: "eu" });
    expect(read(text, { REGION: "" }).rooms["a"]).toEqual({ region: "eu" });
    expect(read(text, { REGION: "us" }).rooms["a"]).toEqual({ region: "us" });
  });

  it("that nothing answers is a problem with its place, as is any other use of a dollar and a brace", () => {
    const text = `${HEAD}rooms:\n  a: { region: "\${env:NOBODY_HAS_SET_THIS}" }\n  b: { region: "\${REGION}" }\n`;
    expect(problemsOf(text)).toEqual([
      "4:16: rooms.a.region: NOBODY_HAS_SET_THIS is not set in the environment",
      `5:16: rooms.b.region: is no reference: write \${env:NAME} or \${env:NAME:-default}, and $\${ for \${ itself`,
    ]);
  });

  it("can be escaped", () => {
    expect(read(`rooms: { a: { metadata: { x: "$\${env:X}" } } }\n`).rooms["a"]?.metadata).toEqual({
      x: `\${env:X}`,
    });
  });

  it("inside braces of YAML's is all that is reported of what follows it", () => {
    const text = `${HEAD}rooms:
  a: { maxParticipants: \${env:SEATS}, metadata: { v: 1 } }
  b: { name: "\${env:NAME:-b}", maxParticipants: 5 }
  c: { metadata: { x: 007, y: [1, 2] } }
`;
    expect(problemsOf(text)).toEqual(["4:25: a reference inside { } or [ ] must be in quotes"]);
  });

  it("inside braces of YAML's must be in quotes, which is all that is reported of its line", () => {
    expect(problemsOf(`${HEAD}rooms:\n  a: { maxParticipants: ${SIZE}, adopt: \${env:X} }\n`)).toEqual([
      "4:25: a reference inside { } or [ ] must be in quotes",
    ]);
  });

  it("brings no structure with it", () => {
    const text = `rooms:\n  a:\n    metadata:\n      x: \${env:X}\n`;
    expect(read(text, { X: "{ y: 1 }" }).rooms["a"]?.metadata).toEqual({ x: "{ y: 1 }" });
  });
});

describe("a secret in a manifest is rejected without being shown", () => {
  it.each([
    ["a token", `metadata: { x: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln }`],
    ["a private key", `metadata: { x: "-----BEGIN PRIVATE KEY-----" }`],
    ["an access key", "metadata: { x: AKIAIOSFODNN7EXAMPLE }"],
    ["a password in an address", `metadata: { x: "https://user:hunter2@example.com" }`],
    ["a secret", "metadata: { apiKey: hunter2 }"],
    ["a secret", "metadata: { deep: [{ db_password: hunter2 }] }"],
  ])("%s", (what, input) => {
    const problems = problemsOf(`${HEAD}rooms:\n  a: { ${input} }\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`looks like ${what}: put secrets into the configuration`);
    expect(problems[0]).not.toMatch(/hunter2|eyJ|AKIA/);
  });

  it("also where it comes from the environment: it would be in the state, and shown in the room", () => {
    const environment = { KEY: "AKIAIOSFODNN7EXAMPLE" };
    expect(() => read(`rooms: { a: { metadata: { x: "\${env:KEY}" } } }\n`, environment)).toThrow(
      /looks like an access key/,
    );
  });

  it("but names that only resemble one are fine", () => {
    const text =
      "rooms: { a: { metadata: { keyboard: qwerty, tokens: 5, tokenType: x, secretary: ann } } }\n";
    expect(read(text).rooms["a"]?.metadata).toBeDefined();
  });
});
