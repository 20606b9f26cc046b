import { execFileSync } from "node:child_process";
import { createClient } from "pulumi-rtc";
import { beforeAll, describe, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join } from "../support/participants.ts";
import { roomAt } from "../support/rooms.ts";
import { runScript } from "../support/script.ts";
import { joinAsAgent, joinPlainly } from "../support/tokens.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

describe("a script with createClient()", () => {
  test("makes, finds, changes and deletes a room", async () => {
    const found = await runScript(
      server,
      `
      const input = { name: "made", maxParticipants: 4, emptyTimeoutSeconds: 600, metadata: { team: "core" } };
      const made = await client.room.create(input);
      const again = await client.room.create(input);
      const other = await codeOf(client.room.create({ ...input, maxParticipants: 5 }));
      const got = await client.room.get("livekit:made");
      const changed = await client.room.update("made", { metadata: { team: "sales" } });
      const absent = await codeOf(client.room.get("unmade"));
      const wrong = await codeOf(client.room.create({ name: "", maxParticipants: 0 }));
      answer({ made, again, other, got, changed, absent, wrong });
      `,
    );

    const { sid } = (await roomAt(server, "made")) ?? {};
    const room = {
      room: "livekit:made",
      name: "made",
      vendor: "livekit",
      state: "open",
      maxParticipants: 4,
      emptyTimeoutSeconds: 600,
      departureTimeoutSeconds: 600,
      numParticipants: 0,
      metadata: { team: "core" },
      region: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      sid,
      endpoint: server.url.replace("ws", "http"),
      owner: null,
    };
    expect(found).toEqual({
      made: room,
      again: room,
      got: room,
      changed: { ...room, metadata: { team: "sales" } },
      other: "ALREADY_EXISTS",
      absent: "NOT_FOUND",
      wrong: "INVALID_ARGUMENT",
    });
    await runScript(
      server,
      `await client.room.delete("made"); await client.room.delete("made"); answer({});`,
    );
    expect(await roomAt(server, "made")).toBeUndefined();
  });

  test("signs a token that lets its holder in, with the room's settings", async () => {
    const issued = (await runScript(
      server,
      `
      const room = await client.room.create({ name: "signed", maxParticipants: 4, emptyTimeoutSeconds: 600 });
      const access = await client.token.issue({ room, identity: "alice" });
      await client.room.delete(room.room);
      answer(access);
      `,
    )) as { token: string };

    expect(issued).toMatchObject({ room: "livekit:signed", identity: "alice" });
    await join(server.url, issued.token);
    expect(await roomAt(server, "signed")).toMatchObject({ maxParticipants: 4, departureTimeout: 600 });
  });

  test("lists and removes participants", async () => {
    await server.service.createRoom({ name: "crowd" });
    const alice = await joinPlainly(server, "crowd", "alice");
    await joinPlainly(server, "crowd", "bob");
    await joinAsAgent(server, "crowd");

    const found = await runScript(
      server,
      `
      const identities = async () =>
        (await client.participant.list("crowd")).items.map(({ identity }) => identity).sort();
      const before = await identities();
      await client.participant.kick({ room: "livekit:crowd", identity: "alice" });
      const absent = await codeOf(client.participant.kick({ room: "crowd", identity: "carol" }));
      const nowhere = await codeOf(client.participant.list("nowhere"));
      answer({ before, after: await identities(), absent, nowhere });
      `,
    );

    expect(found).toEqual({
      before: ["alice", "bob"],
      after: ["bob"],
      absent: "NOT_FOUND",
      nowhere: "NOT_FOUND",
    });
    await alice.disconnected;
  });
});

test("120 rooms are listed page by page, each once, while others come and go", async () => {
  const many = await startLivekit();
  const pages = await runScript(
    many,
    `
    const name = (number) => "room-" + String(number).padStart(3, "0");
    const rooms = Array.from({ length: 120 }, (_, number) => client.room.create({ name: name(number) }));
    await Promise.all(rooms);
    const pages = [];
    let cursor;
    do {
      const page = await client.room.list({ cursor });
      pages.push(page.items.map(({ name }) => name));
      cursor = page.nextCursor;
      if (pages.length === 1) {
        await client.room.delete(name(3));
        await client.room.create({ name: "room-000-late" });
      }
    } while (cursor);
    const most = await client.room.list({ limit: 1000 });
    answer({ pages, most: most.items.length, stranger: await codeOf(client.room.list({ cursor: "?" })) });
    `,
  );

  const names = Array.from({ length: 120 }, (_, number) => `room-${String(number).padStart(3, "0")}`);
  expect(pages).toEqual({
    pages: [names.slice(0, 50), names.slice(50, 100), names.slice(100)],
    most: 100,
    stranger: "INVALID_ARGUMENT",
  });
});

test("room.get counts participants at once, where the server's own count lags by seconds", async () => {
  const { url: livekitUrl, apiKey: livekitApiKey, apiSecret: livekitApiSecret } = server;
  const client = createClient({ livekitUrl, livekitApiKey, livekitApiSecret });
  await client.room.create({ name: "counted" });

  for (const [index, identity] of ["alice", "bob", "carol"].entries()) {
    await joinPlainly(server, "counted", identity);
    expect((await client.room.get("counted")).numParticipants).toBe(index + 1);
  }
});

test("a program that only declares rooms loads neither a vendor's SDK nor what checks inputs", () => {
  const program = `
    const { RtcRoom, createClient } = require("pulumi-rtc");
    const packages = () => Object.keys(require.cache).map((file) => /node_modules\\/((@[^/]+\\/)?[^/]+)/.exec(file)?.[1]);
    const heavy = () => ["livekit-server-sdk", "agora-token", "zod"].filter((name) => packages().includes(name));
    const declared = heavy();
    createClient();
    console.log(JSON.stringify({ declared, withClient: heavy() }));
  `;
  const env = { PATH: process.env["PATH"] };
  const output = execFileSync("node", ["-e", program], { cwd: repo, env, encoding: "utf8" });
  expect(JSON.parse(output)).toEqual({ declared: [], withClient: expect.arrayContaining(["zod"]) });
});
