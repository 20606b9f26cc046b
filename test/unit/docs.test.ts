import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import {
  type CreateOptions,
  EncodedFileOutput,
  RoomCompositeEgressRequest,
  S3Upload,
  SegmentedFileOutput,
  type VideoGrant,
} from "livekit-server-sdk";
import { describe, expect, test } from "vitest";
import { rowsOf } from "../../scripts/lib/proofs.mts";
import { ENVIRONMENT } from "../../src/client/config.ts";
import {
  ERROR_CODES,
  recordingInput,
  recordingResourceInput,
  recordingResourceOutput,
  roomInput,
  roomResourceInput,
  roomResourceOutput,
  STATUSES,
  tokenInput,
} from "../../src/contract/index.ts";
import { between, withTables } from "../support/doc-tables.ts";
import { packagesByLicence } from "../support/licences.ts";

const repo = resolve(__dirname, "../..");
const read = (name: string) => readFileSync(join(repo, name), "utf8");
const documents = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "docs/index.md",
  "docs/why.md",
  "docs/start-with-pulumi.md",
  "docs/start-with-livekit.md",
  "docs/start-with-nothing.md",
  "docs/start-with-rest.md",
  "docs/recipes.md",
  "docs/comparison.md",
  "docs/architecture.md",
  "docs/reference.md",
  "docs/cli.md",
  "docs/operating.md",
  "docs/manifest.md",
  "docs/gitops.md",
  "docs/gateway.md",
  "docs/teardown.md",
  "docs/reliability.md",
  "docs/scale.md",
  "docs/threat-model.md",
  "docs/versions.md",
  "docs/dependencies.md",
  "engines/egress-standin/README.md",
  "SECURITY.md",
  "examples/quickstart/README.md",
  "examples/javascript-esm/README.md",
  "examples/classroom/README.md",
  "examples/event-day/README.md",
  "examples/gitops/README.md",
  "examples/large/README.md",
  "examples/multi-vendor/README.md",
];

const codes = Object.keys(ERROR_CODES);

/** The names that a program can import. */
const functions = [...read("src/index.ts").matchAll(/\b((?:get|list|issue|kick|create|stray)[A-Z]\w+)/g)].map(
  ([, name = ""]) => name,
);

test("docs/reference.md has what each vendor can and every configuration key as the code has them; `npm run docs` updates it.", async () => {
  await expect(withTables(read("docs/reference.md"))).toMatchFileSnapshot(join(repo, "docs/reference.md"));
});

describe("docs/reference.md names", () => {
  const reference = withTables(read("docs/reference.md"));
  test.each([
    ["every input of RtcRoom", Object.keys(roomResourceInput.shape)],
    ["every output of RtcRoom", Object.keys(roomResourceOutput.shape)],
    ["every input of RtcRecording", Object.keys(recordingResourceInput.shape)],
    ["every output of RtcRecording", Object.keys(recordingResourceOutput.shape)],
    ["every status of a recording", STATUSES],
    ["every field of a recording that a client starts", Object.keys(recordingInput.shape)],
    ["every field of a token", Object.keys(tokenInput.shape)],
    ["every field of a room that a client makes", Object.keys(roomInput.shape)],
    ["every config key", Object.keys(ENVIRONMENT).map((key) => `rtc:${key}`)],
    ["every environment variable", Object.values(ENVIRONMENT)],
    ["every error code", codes],
    ["every function", functions],
  ])("%s", (_what, names) => {
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !reference.includes(name))).toEqual([]);
  });
});

describe("docs/recipes.md describes the result of", () => {
  const recipes = read("docs/recipes.md");
  const fieldsOf = (message: { fields: { list(): readonly { localName: string }[] } }) =>
    message.fields.list().map(({ localName }) => localName);
  // These are types only: what a newer SDK adds to them does not compile without a line here.
  const room: Record<keyof Required<CreateOptions>, true> = {
    ...{ name: true, emptyTimeout: true, departureTimeout: true, maxParticipants: true, metadata: true },
    ...{ egress: true, minPlayoutDelay: true, maxPlayoutDelay: true, syncStreams: true, agents: true },
    nodeId: true,
  };
  const grants: Record<keyof Required<VideoGrant>, true> = {
    ...{ roomCreate: true, roomJoin: true, roomList: true, roomRecord: true, roomAdmin: true, room: true },
    ...{ ingressAdmin: true, canPublish: true, canPublishSources: true, canSubscribe: true },
    ...{ canPublishData: true, canUpdateOwnMetadata: true, hidden: true, recorder: true, agent: true },
    ...{ canSubscribeMetrics: true, canManageAgentSession: true, destinationRoom: true },
  };
  test.each([
    ["every grant of a token", Object.keys(grants)],
    ["every field of CreateRoom", Object.keys(room)],
    ["every field of a room composite egress", fieldsOf(RoomCompositeEgressRequest)],
    ["every field of a file", fieldsOf(EncodedFileOutput)],
    ["every field of HLS segments", fieldsOf(SegmentedFileOutput)],
    ["every field of S3", fieldsOf(S3Upload)],
  ])("%s", (_what, names) => {
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !new RegExp(`[\`.]${name}[\`.]`).test(recipes))).toEqual([]);
  });
});

test("docs/reliability.md has a line for every test that proves something, with the figure of its last run", () => {
  const rows = rowsOf(read("docs/reliability.md"));
  const reporting = readdirSync(join(repo, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/${name}`)
    .filter((name) => /from ".*support\/reliability\.ts"/.test(read(name)));
  expect(reporting.length).toBeGreaterThan(3);
  const documented = new Set(rows.map(({ file }) => file));
  expect([...documented].sort()).toEqual(reporting.sort());
  for (const { promise, figure, file } of rows) {
    expect(figure, promise).toMatch(/\d/);
    expect(read(file), promise).toContain("report(");
  }
});

test.each(documents)("Every link in %s leads somewhere.", (name) => {
  const links = [...read(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const broken = links.filter((link) => {
    if (link.startsWith("https://")) return false;
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? join(repo, name) : join(repo, dirname(name), path);
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

// The shell of the release tests has each export in the server's block too, so that they cannot detect this.
test.each(["docs/start-with-rest.md", "docs/gateway.md"])("%s has a second terminal for a server", (name) => {
  const parts = read(name).split("```");
  const intros = parts.filter((_, index) => parts[index + 1]?.startsWith("sh server\n"));
  expect(intros.length).toBeGreaterThan(0);
  expect(intros.filter((intro) => !intro.includes("second terminal"))).toEqual([]);
});

test.each(["docs/start-with-pulumi.md", "docs/start-with-livekit.md"])("%s links the Pulumi CLI", (name) => {
  expect(read(name)).toContain("[Pulumi CLI](https://www.pulumi.com/docs/install/)");
});

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("docs/versions.md names the versions that are pinned, the oldest and the newest", () => {
  const pinned = (folder: string, module: string) =>
    new RegExp(`^\\s${module} v(\\S+)`, "m").exec(read(`engines/${folder}/go.mod`))?.[1];
  const { peerDependencies, devDependencies, dependencies } = JSON.parse(read("package.json")) as Record<
    string,
    Record<string, string>
  >;
  const plain = (range = "") => range.replace(/^[~^]/, "");
  const livekit = "github.com/livekit/livekit-server";
  const pulumi = "github.com/pulumi/pulumi/pkg/v3";
  const sdk = plain(dependencies?.["livekit-server-sdk"]);
  const rows = [
    ["LiveKit server", pinned("oldest/livekit-server", livekit), pinned("livekit-server", livekit)],
    ["Pulumi CLI", pinned("oldest/pulumi", pulumi), pinned("pulumi", pulumi)],
    [
      "`@pulumi/pulumi`",
      plain(peerDependencies?.["@pulumi/pulumi"]),
      plain(devDependencies?.["@pulumi/pulumi"]),
    ],
    ["`livekit-server-sdk`", sdk, sdk],
  ];
  for (const row of rows) expect(read("docs/versions.md")).toContain(`| ${row.join(" | ")} |`);
});

test("docs/dependencies.md has a reason for each dependency, and none for what is no dependency", () => {
  const { dependencies, peerDependencies, devDependencies } = JSON.parse(read("package.json")) as Record<
    string,
    object
  >;
  const rows = read("docs/dependencies.md").matchAll(/^\| `([^`]+)` \| (.*) \|$/gm);
  const reasons = [...rows].map(([, name = "", reason = ""]) => ({ name, reason }));
  const runtime = Object.keys(dependencies ?? {});
  const peers = Object.keys(peerDependencies ?? {});
  const others = Object.keys(devDependencies ?? {}).filter((name) => !peers.includes(name));
  expect(reasons.map(({ name }) => name)).toEqual([...runtime, ...peers, ...others]);
  expect(reasons.filter(({ reason }) => reason === "")).toEqual([]);
});

test("docs/dependencies.md lists the licences of all that is installed, which are permissive; `npm run docs` updates it", async () => {
  const licences = packagesByLicence();
  const permissive = ["MIT", "ISC", "Apache-2.0", "BSD-3-Clause", "(Apache-2.0 AND BSD-3-Clause)"];
  expect([...licences.keys()].filter((licence) => !permissive.includes(licence))).toEqual([]);
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: object };
  expect([...licences.values()].flat()).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  const rows = [...licences].sort().map(([licence, names]) => `| ${licence} | ${names.join(", ")} |`);
  const table = ["| Licence | Packages |", "|---|---|", ...rows, ""].join("\n");
  await expect(between(read("docs/dependencies.md"), "licences", table)).toMatchFileSnapshot(
    join(repo, "docs/dependencies.md"),
  );
});
