import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { changesInClone, repo, scriptsOf } from "../support/clone.ts";
import { startLivekit } from "../support/livekit.ts";
import { type Block, blocksOf } from "../support/markdown.ts";
import { join as joinRoom } from "../support/participants.ts";
import { Reader } from "../support/reader.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { joinPlainly } from "../support/tokens.ts";
import { roomsOf } from "../support/world.ts";

/** Blocks install packages, build, and start the CLI several times. */
const timeout = 600_000;

/** In the order in which a person reads them: what one has left is there for the next. */
const documents = [
  "README.md",
  "docs/start-with-nothing.md",
  "docs/start-with-pulumi.md",
  "docs/index.md",
  "docs/why.md",
  "docs/comparison.md",
  "docs/operating.md",
  "docs/reference.md",
  "docs/cli.md",
  "docs/manifest.md",
  "docs/reliability.md",
  "docs/threat-model.md",
  "docs/versions.md",
  "docs/dependencies.md",
  "docs/architecture.md",
  "CONTRIBUTING.md",
];
const blocks = documents.flatMap((name) => blocksOf(join(repo, name), name));

/** Running all tests inside of one of them would never end. What they run is checked by test/unit/test-commands.test.ts. */
const allTests = ["npm ci && npm test\n", "npm test\n", "npm run test:reliability\n"];

/** Installing takes half a minute, and a second time changes nothing. */
let isInstalled = false;

/** README.md has it too, and what it brings still runs. */
const again = "docs/start-with-nothing.md: npm ci && npm run up";

let reader: Reader;

beforeAll(async () => {
  reader = await Reader.arrive();
});

/** What must hold before a block, and after it has run; `output` is its output. */
interface Story {
  before?: () => Promise<unknown> | unknown;
  after?: (output: string) => Promise<unknown> | unknown;
}

/** Megabytes of what only this package has brought into the reader's project, which has Pulumi's SDK anyway. */
function addedMegabytes(): number {
  const options = { cwd: reader.project, env: reader.person.env, encoding: "utf8" } as const;
  const args = ["uninstall", "pulumi-rtc", "--dry-run", "--json"];
  const output = execFileSync("npm", args, options);
  // Lines that name each package come first.
  const { remove } = JSON.parse(output.slice(output.indexOf("{"))) as { remove: { path: string }[] };
  expect(remove.length).toBeGreaterThan(20);
  const folders = remove.map(({ path }) => path);
  // Folders inside of others that are listed are counted once.
  const lines = execFileSync("du", ["-sk", ...folders], options)
    .trim()
    .split("\n");
  return lines.reduce((sum, line) => sum + Number.parseInt(line, 10), 0) / 1000;
}

/** By the place of the block: its document, and a line of it. A story without its block fails. */
const stories: Record<string, Story> = {
  "README.md: npm ci && npm run up": { after: (output) => expect(output).toContain("Join standup") },
  "docs/start-with-nothing.md: . .rtc/env && npx rtc token town-hall alice --file rtc.yaml": {
    after: (output) => expect(output.trim().split("\n").at(-1)).toMatch(/^eyJ/),
  },
  "docs/start-with-nothing.md: npm run down": { after: () => expect(changesInClone(reader.clone)).toBe("") },
  "docs/start-with-pulumi.md: npm ci && npm pack --pack-destination ..": {
    after: () => expect(existsSync(join(reader.person.home, "pulumi-rtc-0.1.0.tgz"))).toBe(true),
  },
  "docs/start-with-pulumi.md: npm install ../pulumi-rtc-0.1.0.tgz": {
    after: () => {
      expect(readFileSync(join(reader.project, "Pulumi.dev.yaml"), "utf8")).not.toContain(
        reader.server.apiSecret,
      );
      expect(addedMegabytes()).toBeLessThan(60); // as docs/dependencies.md states
    },
  },
  "docs/start-with-pulumi.md: pulumi up": {
    after: async () => {
      expect(await roomsOf(reader.server)).toMatchObject({
        standup: { maxParticipants: 12 },
        interview: { emptyTimeout: 600 },
      });
      await reader.inProject("pulumi preview --refresh --expect-no-changes");
    },
  },
  "docs/start-with-pulumi.md: node token.mjs": {
    after: async (output) => {
      const alice = await joinRoom(reader.server.url, output.trim());
      expect([alice.room.name, alice.identity]).toEqual(["interview", "alice"]);
      await alice.leave();
    },
  },
  "docs/start-with-pulumi.md: npx rtc token interview alice": {
    before: () => reader.server.service.deleteRoom("interview"),
    after: async (output) => {
      const alice = await joinRoom(reader.server.url, output.trim().split("\n").at(-1) ?? "");
      expect(await roomsOf(reader.server)).toMatchObject({ interview: { emptyTimeout: 600 } });
      await alice.leave();
    },
  },
  // Before the next one, whose line it has too.
  "docs/operating.md: cp ~/backend/.pulumi/stacks/acme/dev.json.bak ~/backend/.pulumi/stacks/acme/dev.json": {
    before: async () => {
      truncateSync(join(reader.person.home, "backend/.pulumi/stacks/acme/dev.json"), 600);
      await expect(reader.inProject("pulumi up")).rejects.toThrow("failed to load checkpoint");
    },
    after: () => reader.inProject("pulumi preview --refresh --expect-no-changes"),
  },
  "docs/operating.md: pulumi up --refresh": {
    before: async () => {
      await reader.server.service.deleteRoom("standup");
      await expect(reader.inProject("pulumi preview --refresh --expect-no-changes")).rejects.toThrow(
        "standup",
      );
    },
    after: async () => expect(Object.keys(await roomsOf(reader.server))).toContain("standup"),
  },
  "docs/operating.md: RTC_FORCE_DESTROY=true pulumi destroy": {
    before: async () => {
      await joinPlainly(reader.server, "standup", "bob");
      await expect(reader.inProject("pulumi destroy")).rejects.toThrow("ROOM_OCCUPIED: 1 participant");
    },
    after: async () => expect(await roomsOf(reader.server)).toEqual({}),
  },
  "docs/operating.md: pulumi destroy --run-program --continue-on-error": {
    after: async () => expect(await roomsOf(reader.server)).toEqual({}),
  },
  "docs/operating.md: pulumi config set --secret rtc:livekitApiSecret": {
    before: async () => {
      // The state holds a key that is good no more, as after a rotation.
      await reader.inProject(
        "pulumi config set --secret rtc:livekitApiSecret\npulumi up",
        "the-old-secret-of-this-server",
      );
      await expect(reader.inProject("pulumi refresh")).rejects.toThrow("UNAUTHENTICATED");
    },
    after: () => reader.inProject("pulumi refresh"),
  },
  'docs/operating.md: pulumi state delete "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/rtc:RtcRoom::standup"':
    {
      before: async () => {
        await reader.inProject(
          "pulumi state delete urn:pulumi:dev::acme::pulumi-nodejs:dynamic/rtc:RtcRoom::interview",
        );
        const { apiKey, apiSecret } = reader.server;
        await reader.server.stop();
        const another = await startLivekit({
          config: { keys: { [apiKey]: apiSecret } },
          egress: "worker",
        });
        reader.server = { ...another, apiKey, apiSecret };
        await reader.inProject(`pulumi config set rtc:livekitUrl ${reader.server.url}`);
        await expect(reader.inProject("pulumi up")).rejects.toThrow("ENDPOINT_MISMATCH");
      },
      after: async () =>
        expect(Object.keys(await roomsOf(reader.server)).sort()).toEqual(["interview", "standup"]),
    },
  'docs/operating.md: rm -r "${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-rtc"': {
    before: () => mkdirSync(join(reader.person.home, ".cache/pulumi-rtc/engines"), { recursive: true }),
    after: () => expect(existsSync(join(reader.person.home, ".cache/pulumi-rtc"))).toBe(false),
  },
};

function storyOf(block: Block): Story | undefined {
  const document = block.place.split(":")[0];
  const lines = block.text.split("\n").map((line) => `${document}: ${line}`);
  const key = Object.keys(stories).find((name) => lines.includes(name));
  return key === undefined ? undefined : stories[key];
}

describe("Every command in the documents works:", () => {
  const commands = blocks.filter(({ language, words }) => language === "sh" || words.length > 0);
  test.each(commands)("$place $title", { timeout }, async (block) => {
    const [word] = block.words;
    if (block.language !== "sh") {
      writeFileSync(join(reader.project, word ?? ""), block.text); // a file, by the name behind its language
    } else if (`${block.place.split(":")[0]}: ${block.title}` === again) {
      expect(blocks.find(({ place }) => place.startsWith("README.md"))).toBeDefined();
    } else if (allTests.includes(block.text)) {
      const [, script = "test"] = /npm (?:run )?(\S+)\n$/.exec(block.text) ?? [];
      expect(scriptsOf(repo)).toHaveProperty([script]);
    } else if (word === "folder") {
      await runInFolder(block.text);
    } else {
      const story = storyOf(block);
      // This page brings the rooms up; every later block finds them so, also after one that has taken them down.
      const isLater = !block.place.startsWith("docs/start-with-pulumi.md");
      if (word === "project" && isLater && !("standup" in (await roomsOf(reader.server))))
        await reader.inProject("pulumi up");
      await story?.before?.();
      const run = isInstalled ? block.text.replace(/^npm ci && /, "") : block.text;
      const output = await (word === "project" ? reader.inProject(run) : reader.inClone(run));
      isInstalled ||= block.text.startsWith("npm ci && ");
      await story?.after?.(output);
    }
  });

  test("has no story without a block", () => {
    const documented = new Set(blocks.filter(({ language }) => language === "sh").map(storyOf));
    expect(Object.values(stories).filter((story) => !documented.has(story))).toEqual([]);
  });

  test("no document, and no other kind of block, hides commands", () => {
    const pages = readdirSync(join(repo, "docs")).filter((name) => name.endsWith(".md"));
    const all = pages.map((name) => `docs/${name}`);
    // In folders and with servers of their own, by gitops.test.ts, gateway-docs.test.ts and teardown-docs.test.ts.
    const elsewhere = ["docs/gitops.md", "docs/gateway.md", "docs/teardown.md"];
    const simulated = ["docs/scale.md"]; // test/unit/simulation.test.ts
    const guides = ["docs/start-with-livekit.md", "docs/start-with-rest.md", "docs/recipes.md"]; // guides.test.ts
    expect([...documents, ...elsewhere, ...guides, ...simulated]).toEqual(expect.arrayContaining(all));
    const known = ["sh", "ts", "js", "yaml", "mermaid"];
    expect(blocks.filter(({ language }) => !known.includes(language)).map(({ place }) => place)).toEqual([]);
  });
});

/** Runs commands in a folder that holds nothing; for an export, with a room that was created by hand. */
async function runInFolder(commands: string): Promise<void> {
  const server = await startLivekit();
  const isExport = commands.startsWith("rtc export");
  if (isExport) await server.service.createRoom({ name: "lobby", metadata: '{"floor":1}' });
  await new RtcFolder(server.env).shell(commands);
  expect(await roomsOf(server)).toMatchObject({
    lobby: {
      ...(isExport ? { metadata: { floor: 1 } } : { maxParticipants: 50 }),
      owner: expect.any(String),
    },
  });
}

test("Every TypeScript block of the documents compiles against the package.", { timeout }, async () => {
  const folder = join(reader.project, "blocks");
  mkdirSync(folder);
  const typescript = blocks.filter(({ language }) => language === "ts");
  for (const [index, { text }] of typescript.entries()) writeFileSync(join(folder, `${index}.ts`), text);
  expect(readdirSync(folder).length).toBeGreaterThan(3);
  for (const how of ["--module nodenext", "--module commonjs --moduleResolution node"]) {
    await reader.inProject(`npx --no-install tsc --noEmit --strict --target es2022 ${how} blocks/*.ts`);
  }
});

test("The rtc.yaml of the reference is a whole program, with the packed package too.", {
  timeout,
}, async () => {
  const yaml = yamlOf("docs/reference.md");
  expect(yaml).toHaveLength(1);
  const program = /`(module\.exports = .+?)`/.exec(
    readFileSync(join(repo, "docs/reference.md"), "utf8"),
  )?.[1];
  writeFileSync(join(reader.project, "rtc.yaml"), yaml[0] ?? "");
  writeFileSync(join(reader.project, "program.js"), program ?? "");
  writeFileSync(join(reader.project, "Pulumi.yaml"), "name: acme\nruntime: nodejs\nmain: program.js\n");
  await reader.inProject("pulumi up");
  expect(Object.keys(await roomsOf(reader.server)).sort()).toEqual(["lounge", "standup"]);
});

test("The packed command reads the manifest and the overlay of the documents as documented.", {
  timeout,
}, async () => {
  const [manifest = "", overlay = "", ...others] = yamlOf("docs/manifest.md");
  expect(others).toEqual([]);
  expect(blocks.filter(({ language }) => language === "yaml")).toHaveLength(4);
  const folder = join(reader.project, "manifest");
  mkdirSync(folder);
  writeFileSync(join(folder, "rtc.yaml"), manifest);
  writeFileSync(join(folder, "rtc.production.yaml"), overlay);
  const render = async (stack: string) =>
    JSON.parse(
      await reader.inProject(`cd manifest && ../node_modules/.bin/rtc render --json --stack ${stack}`),
    );
  expect(await render("dev")).toMatchObject({
    rooms: {
      standup: { maxParticipants: 12, metadata: { team: "core" } },
      "class-3": { maxParticipants: 30 },
      board: { protect: true },
    },
    recordings: { "lesson-3": { room: "class-3", outputUri: "s3://acme-recordings/main/" } },
  });
  const production = await render("production");
  expect(production).toMatchObject({ rooms: { standup: { maxParticipants: 50 } }, recordings: {} });
  expect(Object.keys(production.rooms)).toEqual(["standup", "board"]);
});

/** The YAML blocks of a document. */
function yamlOf(document: string): string[] {
  const own = blocks.filter(({ language, place }) => language === "yaml" && place.startsWith(`${document}:`));
  return own.map(({ text }) => text);
}
