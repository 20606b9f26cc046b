import { describe, expect, it } from "vitest";
import type { RtcError } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { HEAD, problemsOf, rejectionOf } from "./fixture.ts";

const env = (name: string) => `\${env:${name}}`;
const metadataOf = (yaml: string, environment: NodeJS.ProcessEnv = {}) =>
  parseManifest(`${HEAD}rooms:\n  a:\n    metadata:\n      x: ${yaml}\n`, "rtc.yaml", { environment }).rooms[
    "a"
  ]?.metadata?.["x"];

/** The problems of a manifest, `line:column: path: message` each. */
function issuesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    const { issues = [] } = error as RtcError;
    return issues.map(({ line, column, path, message }) => `${line}:${column}: ${path}: ${message}`);
  }
  return [];
}

describe("a manifest is rejected offline", () => {
  it.each(["a b", "a/b", "größe", "", "a".repeat(101)])(
    "for the project %j, which Pulumi rejects",
    (project) => {
      expect(problemsOf(`apiVersion: rtc/v1\nproject: "${project}"\nrooms: {}\n`)).toEqual([
        "2:10: project: must be 1 to 100 letters, digits, dots, hyphens and underscores, as Pulumi requires",
      ]);
    },
  );

  it.each(["acme", "Acme.rtc_2-x", "9", "a".repeat(100)])("but not for the project %j", (project) => {
    expect(parseManifest(`apiVersion: rtc/v1\nproject: "${project}"\n`, "rtc.yaml").project).toBe(project);
  });

  it.each([
    ["by name", "a: { name: x }\n  b: { name: x }", "b: declares the same as rooms.a"],
    ["by a resource name", "x: {}\n  b: { name: x }", "b: declares the same as rooms.x"],
    [
      "at a vendor, in a region",
      "a: { name: x, vendor: livekit, region: eu }\n  b: { name: x, vendor: livekit, region: eu }",
      "b: declares the same as rooms.a",
    ],
  ])("for two resources that declare one room: %s", (_how, rooms, problem) => {
    expect(problemsOf(`${HEAD}rooms:\n  ${rooms}\n`)).toEqual([expect.stringContaining(`rooms.${problem}`)]);
  });

  it("for a room that a series declares too, by its name", () => {
    expect(problemsOf(`${HEAD}rooms:\n  a: { name: c-2 }\n  c: { count: 3 }\n`)).toEqual([
      "5:15: rooms.c.count: declares the same as rooms.a (rtc.yaml:4:3)",
    ]);
  });

  it("but not for rooms of one name at two vendors or in two regions", () => {
    const rooms =
      "a: { name: x, vendor: livekit }\n  b: { name: x, vendor: agora }\n  c: { name: x, vendor: livekit, region: eu }";
    expect(Object.keys(parseManifest(`${HEAD}rooms:\n  ${rooms}\n`, "rtc.yaml").rooms)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("for one recording that is declared twice, also where its address is written in two ways", () => {
    const recordings =
      "r: { room: a, outputUri: 's3://b/x/' }\n  s: { room: a, outputUri: 's3://b/x' }\n  t: { room: a }\n  u: { room: a, layout: grid }\n  v: { room: a, layout: speaker }";
    expect(problemsOf(`${HEAD}rooms: { a: {} }\nrecordings:\n  ${recordings}\n`)).toEqual([
      "6:6: recordings.s: declares the same as recordings.r (rtc.yaml:5:3)",
      "8:6: recordings.u: declares the same as recordings.t (rtc.yaml:7:3)",
    ]);
  });

  it.each([
    "s3//bucket/x",
    "s3:/bucket/x",
    "s3:bucket/x",
    "gs//bucket/x",
    "azblob:/a@b/c",
    "https:/b/x",
    "S3://",
    "s3;//bucket/x",
    "://bucket/x",
    "arn:aws:s3:::bucket/x",
    "azure://c@account/x",
    "wasbs://c@account.blob.core.windows.net/x",
  ])("for the destination %j, which is most likely a typo", (uri) => {
    const text = `${HEAD}rooms: { a: {} }\nrecordings:\n  r: { room: a, outputUri: "${uri}" }\n`;
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^5:28: recordings\.r\.outputUri: (must begin with s3:|names no bucket)/),
    ]);
  });

  it.each([
    ["s3.eu-west-1.amazonaws.com/bucket/x/", "begins with the host of a storage service"],
    ["s3://bucket.s3.amazonaws.com/x", "begins with the host of a storage service"],
    ["storage.googleapis.com/bucket/", "begins with the host of a storage service"],
    ["azblob://c@acct.blob.core.windows.net/p", "without the host behind it"],
    ["azblob://c@acct.blob.core.chinacloudapi.cn/p", "without the host behind it"],
    [" s3://bucket/x", "must not begin or end with white space"],
  ])("for the destination %j, which is no bucket's", (uri, problem) => {
    const text = `${HEAD}rooms: { a: {} }\nrecordings:\n  r: { room: a, outputUri: "${uri}" }\n`;
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  it("for a recording that a restart would overwrite, and for one of a room whose name would lead out of its folder", () => {
    const text = `${HEAD}rooms:
  a: { name: ../a }
  b: { name: /b, enableRecording: true }
  c: { count: 2, name: ../c }
recordings:
  r: { room: a }
  s: { room: c }
  t: { room: c, outputUri: s3://b/t.mp4, restartPolicy: always }
`;
    const leadsOut = "a room whose name begins with a slash, or has .. as a part, is not recorded";
    expect(problemsOf(text)).toEqual([
      expect.stringContaining(`5:14: rooms.b.name: ${leadsOut}`),
      expect.stringContaining(`8:14: recordings.r.room: ${leadsOut}`),
      expect.stringContaining(`9:14: recordings.s.room: ${leadsOut}`),
      expect.stringContaining("10:28: recordings.t.outputUri: each restart would overwrite the file before"),
    ]);
  });

  it("for an unknown vendor, wherever one is named and the vendors are known", () => {
    const text = `${HEAD}defaults: { rooms: { vendor: livkit } }
rooms: { a: { vendor: Agora, maxParticipants: 0 }, b: { vendor: daily }, c: { vendor: "\${env:V}" }, d: }
recordings: { r: { room: d, vendor: zeggo } }
`;
    const environment = { V: "agora" };
    const vendors = ["livekit", "agora", "zego"];
    const there = "there is livekit, agora, zego, and others only through a gateway (rtc:endpoint)";
    const wrong = (meant: string) => `is not a vendor of this version; did you mean ${meant}?; ${there}`;
    expect(issuesOf(() => parseManifest(text, "rtc.yaml", { environment, vendors }))).toEqual([
      `3:30: defaults.rooms.vendor: ${wrong("livekit")}`,
      `4:23: rooms.a.vendor: ${wrong("agora")}`,
      "4:47: rooms.a.maxParticipants: must be at least 1",
      `4:65: rooms.b.vendor: is not a vendor of this version; ${there}`,
      `5:37: recordings.r.vendor: ${wrong("zego")}`,
    ]);
    expect(
      issuesOf(() => parseManifest(text, "rtc.yaml", { environment })),
      "a gateway has others",
    ).toEqual(["4:47: rooms.a.maxParticipants: must be at least 1"]);
  });

  it("but not for a folder that only begins like one", () => {
    const text = `${HEAD}rooms: { a: {} }\nrecordings: { r: { room: a, outputUri: "s3-mirror/x/" }, s: { room: a, outputUri: "s3/x/" } }\n`;
    expect(Object.keys(parseManifest(text, "rtc.yaml").recordings)).toEqual(["r", "s"]);
  });

  it("for what is declared twice beside all else, and where the first is", () => {
    const text = `${HEAD}rooms:
  a: {}
  b: { name: a }
  c: { maxParticipant: 5 }
recordings:
  r: { room: c, outputUri: out, audioOnly: true, layout: grid }
  s: { room: c, outputUri: ./out/, audioOnly: true, layout: speaker }
`;
    expect(problemsOf(text)).toEqual([
      "5:6: rooms.b: declares the same as rooms.a (rtc.yaml:4:3)",
      "6:8: rooms.c.maxParticipant: is not known; did you mean maxParticipants?",
      "9:6: recordings.s: declares the same as recordings.r (rtc.yaml:8:3)",
    ]);
  });

  it("for merge keys, whose meaning defaults have, beside everything else", () => {
    expect(problemsOf(`${HEAD}rooms:\n  a: &a { maxParticipants: 0 }\n  b: { <<: *a }\n`)).toEqual([
      "4:28: rooms.a.maxParticipants: must be at least 1",
      "5:8: rooms.b.<<: is a merge key, which YAML 1.2 no longer has: put what they share under defaults",
    ]);
  });
});

describe("a whole number that would be rounded", () => {
  const rounded = "is a whole number beyond 2^53, which would be rounded: put it in quotes";

  it.each(["12345678901234567890", "-9007199254740993", "9007199254740993", "9007199254740993.0"])(
    "is rejected: %s",
    (number) => {
      expect(problemsOf(`${HEAD}rooms:\n  a: { metadata: { x: ${number} } }\n`)).toEqual([
        `4:23: rooms.a.metadata.x: ${rounded}`,
      ]);
    },
  );

  it.each(["0x20000000000001", "0o1000000000000000001"])("is rejected in another base: %s", (number) => {
    expect(problemsOf(`${HEAD}rooms:\n  a: { metadata: { x: ${number} } }\n`)).toEqual([
      `4:23: rooms.a.metadata.x: ${rounded}`,
    ]);
  });

  it("whose leading zeros would be dropped is rejected too", () => {
    expect(problemsOf(`${HEAD}rooms:\n  a: { metadata: { account: 0123 } }\n`)).toEqual([
      "4:29: rooms.a.metadata.account: is read as the number 123: put it in quotes to keep it",
    ]);
  });

  it("is rejected as a key, and where it comes from the environment", () => {
    expect(problemsOf(`${HEAD}rooms:\n  9007199254740993: {}\n`)).toEqual([
      `4:3: rooms.9007199254740993: ${rounded}`,
    ]);
    expect(() => metadataOf(env("ID"), { ID: "9007199254740993" })).toThrow(
      `rtc.yaml:6:10: rooms.a.metadata.x: the value of ${env("ID")} ${rounded}`,
    );
  });

  it.each([
    ['"12345678901234567890"', "12345678901234567890"],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992],
    ["1.25", 1.25],
    ["1e30", 1e30],
  ])("is not %s", (yaml, value) => {
    expect(metadataOf(yaml)).toBe(value);
  });

  it("stays a text where the reference is in quotes", () => {
    expect(metadataOf(`"${env("ID")}"`, { ID: "9007199254740993" })).toBe("9007199254740993");
  });
});

describe("a value of the environment", () => {
  it.each([
    ["7", 7],
    ["-1.5", -1.5],
    ["0", 0],
    ["true", true],
    ["007", "007"],
    ["1.50", "1.50"],
    ["1e5", "1e5"],
    ["1e+21", "1e+21"],
    ["-0", "-0"],
    ["+5", "+5"],
    [".5", ".5"],
    ["Infinity", "Infinity"],
    ["NaN", "NaN"],
    ["yes", "yes"],
  ])("%j is %j: a number only where it reads back the same", (given, value) => {
    expect(metadataOf(env("A"), { A: given })).toBe(value);
  });

  it("cannot have a reference as its default", () => {
    const nested = `"\${env:A:-${env("B")}}"`;
    for (const environment of [{}, { A: "a" }, { B: "b" }])
      expect(() => metadataOf(nested, environment)).toThrow(
        "rtc.yaml:6:10: rooms.a.metadata.x: A has a reference as its default, which must be a text",
      );
  });
});

describe("the problems of a manifest", () => {
  it("have the path, the file, the line and the column as fields, for programs", () => {
    const { issues } = rejectionOf(`${HEAD}rooms:\n  a: { max_participants: 5 }\n  b: {}\n  b: {}\n`);
    expect(issues).toEqual([
      {
        ...{ path: "rooms.a.max_participants", message: "is not known; did you mean maxParticipants?" },
        ...{ file: "rtc.yaml", line: 4, column: 8 },
      },
      { path: "rooms.b", message: "this key is a duplicate", file: "rtc.yaml", line: 6, column: 3 },
    ]);
  });
});

describe("what is written otherwise than it is called", () => {
  it.each([
    ["rooms", "empty_timeout: 5", "emptyTimeoutSeconds"],
    ["rooms", "empty-timeout-seconds: 5", "emptyTimeoutSeconds"],
    ["rooms", "max_participants: 5", "maxParticipants"],
    ["rooms", "force-destroy: true", "forceDestroy"],
    ["rooms", "Enable_Recording: true", "enableRecording"],
    ["recordings", "output_uri: x/", "outputUri"],
    ["recordings", "audio-only: true", "audioOnly"],
    ["recordings", "restart_policy: never", "restartPolicy"],
  ])("has its suggestion in defaults and in a declaration: %s, %s", (kind, written, meant) => {
    const own =
      kind === "rooms" ? `rooms: { a: { ${written} } }` : `recordings: { r: { room: a, ${written} } }`;
    const rooms = kind === "rooms" ? "" : "rooms: { a: {} }\n";
    const wrong = `is not known; did you mean ${meant}?`;
    expect(problemsOf(`${HEAD}defaults: { ${kind}: { ${written} } }\n${rooms}${own}\n`)).toEqual([
      expect.stringContaining(wrong),
      expect.stringContaining(wrong),
    ]);
  });

  it("has it at the top, and where an overlay removes what is not there", () => {
    expect(problemsOf("api_version: rtc/v1\nproject: acme\n")).toContain(
      "1:1: api_version: is not known; did you mean apiVersion?",
    );
    const overlay = { file: "rtc.eu.yaml", text: "rooms: { a: { max_participants: ~ } }\n" };
    const base = `${HEAD}rooms: { a: { maxParticipants: 3 } }\n`;
    expect(() => parseManifest(base, "rtc.yaml", { overlay })).toThrow(
      "rtc.eu.yaml:1:15: rooms.a.max_participants: is not in the manifest below, so there is nothing to remove; did you mean maxParticipants?",
    );
  });
});

describe("a key that YAML does not read as it is written", () => {
  const noValue = "is YAML's word for no value: put it in quotes to use it as a name";

  it("is rejected beside everything else, in both words for no value", () => {
    expect(problemsOf(`${HEAD}rooms:\n  null: {}\n  b: { ~: 3, maxParticipants: 0 }\n  "": {}\n`)).toEqual([
      `4:3: rooms.null: ${noValue}`,
      `5:8: rooms.b.~: ${noValue}`,
      "5:31: rooms.b.maxParticipants: must be at least 1",
      "6:3: rooms: a key must not be empty",
    ]);
  });

  it.each([
    ["007", "7"],
    ["1.10", "1.1"],
    ["1e3", "1000"],
  ])("is rejected where it is the number %s, which would name %s", (key, value) => {
    const problem = `4:3: rooms.${key}: is read as the number ${value}: put it in quotes`;
    expect(problemsOf(`${HEAD}rooms:\n  ${key}: {}\n`)).toEqual([problem]);
  });

  it("is a name in quotes, and so is a number that reads back the same", () => {
    const rooms = parseManifest(`${HEAD}rooms: { "null": {}, "007": {}, 12: {} }\n`, "rtc.yaml").rooms;
    expect(Object.keys(rooms).sort()).toEqual(["007", "12", "null"]);
  });
});
