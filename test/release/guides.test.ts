import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { blocksOf, forServer } from "../support/markdown.ts";
import { OpenShell } from "../support/open-shell.ts";
import { packed } from "../support/packed.ts";
import { join as joinRoom } from "../support/participants.ts";
import { Person } from "../support/person.ts";
import { egressesOf } from "../support/recordings.ts";
import { roomsOf } from "../support/world.ts";

/** In the order in which they are read: each continues in the folder, and in the shell, of the one before. */
const documents = ["docs/start-with-livekit.md", "docs/start-with-rest.md", "docs/recipes.md"];
const blocks = documents.flatMap((name) => blocksOf(join(repo, name), name));

const timeout = 300_000;
let server: LivekitServer;
let port: number;
let folder: string;
let shell: OpenShell;

beforeAll(async () => {
  const [started, tarball] = await Promise.all([startLivekit({ egress: "worker" }), packed()]);
  server = started;
  port = await freePort("tcp");
  const person = new Person();
  folder = join(person.home, "rooms");
  mkdirSync(folder);
  copyFileSync(tarball, join(person.home, "pulumi-rtc-0.1.0.tgz"));
  shell = new OpenShell(folder, person.env);
}, timeout);

/** Joins with a token, and leaves: in which room, and as whom. */
async function joinWith(token: string): Promise<object> {
  const participant = await joinRoom(server.url, token.trim());
  const { room, identity } = participant;
  await participant.leave();
  return { room: room.name, identity };
}

/** Where the last recording of a room goes, as LiveKit was asked. */
async function destination(room: string): Promise<unknown> {
  const request = (await egressesOf(server, room)).at(-1)?.request.value;
  expect(request).toHaveProperty("fileOutputs");
  return request && "fileOutputs" in request ? request.fileOutputs[0]?.output : undefined;
}

/** What must hold after a block has run, by a part of its text; `output` is its output. */
const stories: Record<string, (output: string) => Promise<unknown> | unknown> = {
  "rtc up --stack dev": async () =>
    expect(await roomsOf(server)).toMatchObject({
      standup: { maxParticipants: 12, metadata: { team: "core" } },
      interview: { emptyTimeout: 600 },
    }),
  "rtc token interview alice": async (output) =>
    expect(await joinWith(output)).toEqual({ room: "interview", identity: "alice" }),
  "rtc drift --stack dev": (output) => expect(output).toContain("no drift"),
  "rtc destroy --stack dev": async () => expect(await roomsOf(server)).toEqual({}),
  "/v1/rtc/token/issue": async (output) => {
    const { token, server_url } = JSON.parse(output.slice(output.indexOf('{"token"')));
    expect(server_url).toBe(server.url);
    expect(await joinWith(token)).toEqual({ room: "lobby", identity: "alice" });
    expect(await roomsOf(server)).toMatchObject({ lobby: { maxParticipants: 20 } });
  },
  "rtc token lobby alice --offline": async (output) =>
    expect(await joinWith(output)).toEqual({ room: "lobby", identity: "alice" }),
  "node tokens.mjs": async (output) =>
    expect(await joinWith(JSON.parse(output).token)).toEqual({ room: "lobby", identity: "bob" }),
  "rtc up --file classroom.yaml": async (output) => {
    const lesson = { maxParticipants: 30, emptyTimeout: 600 };
    expect(await roomsOf(server)).toMatchObject({
      "lesson-1": lesson,
      "lesson-2": lesson,
      "lesson-3": lesson,
    });
    expect(await egressesOf(server, "lesson-3")).toMatchObject([{ request: { value: { audioOnly: true } } }]);
    const [teacher = "", pupil = ""] = output.trim().split("\n").slice(-2);
    expect(await joinWith(teacher)).toEqual({ room: "lesson-1", identity: "ada" });
    expect(await joinWith(pupil)).toEqual({ room: "lesson-1", identity: "bob" });
  },
  "rtc rooms create --prefix exam-": async (output) => {
    expect(output).toContain("livekit:exam-3");
    expect(await roomsOf(server)).not.toHaveProperty("exam-3");
  },
  "s3://acme-calls/hall/": async () =>
    expect(await destination("hall")).toMatchObject({
      case: "s3",
      value: { bucket: "acme-calls", region: "eu-central-1", endpoint: "", forcePathStyle: false },
    }),
  "s3://acme-minio/hall/": async () =>
    expect(await destination("hall")).toMatchObject({
      value: { bucket: "acme-minio", endpoint: "http://minio:9000", forcePathStyle: true },
    }),
  "s3://acme-r2/hall/": async () =>
    expect(await destination("hall")).toMatchObject({
      value: {
        bucket: "acme-r2",
        region: "auto",
        endpoint: expect.stringMatching(/^https:\/\/[0-9a-f]{32}\.r2\.cloudflarestorage\.com$/),
        forcePathStyle: true,
      },
    }),
};

describe("Every command works in the order in which one reads them:", () => {
  const steps = blocks.filter(({ language }) => language !== "mermaid");
  test.each(steps)("$place $title", { timeout }, async ({ language, words, text, place }) => {
    const [word = ""] = words;
    if (language !== "sh") {
      expect(word, `${place}: a file needs a name`).toMatch(/^[\w-]+\.(yaml|mjs)$/);
      return writeFileSync(join(folder, word), text);
    }
    const commands = forServer(text, server).replaceAll("8080", String(port));
    if (word === "server") return shell.serve(commands, `http://127.0.0.1:${port}/livez`);
    const output = await shell.type(commands);
    for (const [part, story] of Object.entries(stories)) if (text.includes(part)) await story(output);
  });

  test("and has no story without a block", () => {
    const shown = (part: string) => blocks.some(({ text }) => text.includes(part));
    expect(Object.keys(stories).filter((part) => !shown(part))).toEqual([]);
  });
});
