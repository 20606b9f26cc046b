/*
 * Several stacks for the rooms of one manifest, run side by side on one backend. usage:
 *   node shards.mjs split                                       one manifest each in shards/, from rtc.yaml
 *   node shards.mjs up | preview | drift | destroy [options]    rtc with these options for every stack; JOBS at once, 4 by default
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The stack of a room: its label `shard`, else what its name begins with. Your rule; a stack keeps its name. */
const shardOf = (name, room) => room.metadata?.shard ?? name.split("-")[0];

const FOLDER = "shards";
const fileOf = (shard) => join(FOLDER, `${shard}.yaml`);
const readManifest = (shard) => JSON.parse(readFileSync(fileOf(shard), "utf8"));
const shards = () =>
  existsSync(FOLDER)
    ? readdirSync(FOLDER)
        .filter((name) => /^[\w-]+\.yaml$/.test(name))
        .map((name) => name.slice(0, -".yaml".length))
        .sort()
    : [];

/** Runs rtc to its end. */
function rtc(args, env = {}) {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 28 };
    execFile("rtc", args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? "") });
    });
  });
}

/** Runs something for each shard, so many at once. The results are in the order of the shards. */
async function forEach(names, run) {
  const results = new Map();
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      results.set(name, await run(name));
  };
  await Promise.all(Array.from({ length: Number(process.env.JOBS ?? 4) }, work));
  return names.map((name) => ({ shard: name, ...results.get(name) }));
}

/** The larger manifest in parts. A room that comes from another stack is adopted from it: its limits must be the same. */
async function split() {
  const rendered = await rtc(["render", "--json"]);
  if (rendered.code !== 0) throw new Error(rendered.stderr);
  const { rooms, recordings = {}, ...rest } = JSON.parse(rendered.stdout);
  const before = new Map(
    shards().flatMap((shard) => Object.keys(readManifest(shard).rooms).map((name) => [name, shard])),
  );
  // A stack that has no room any more is emptied by the next up.
  const parts = new Map(shards().map((shard) => [shard, { ...rest, rooms: {}, recordings: {} }]));
  for (const [name, { adopt: _, ...room }] of Object.entries(rooms)) {
    const shard = shardOf(name, room);
    if (!/^[\w-]+$/.test(shard))
      throw new Error(`${name} is of the stack ${shard}, which is no name of a file`);
    if (!parts.has(shard)) parts.set(shard, { ...rest, rooms: {}, recordings: {} });
    const isMoved = before.has(name) && before.get(name) !== shard;
    parts.get(shard).rooms[name] = isMoved ? { ...room, adopt: true } : room;
  }
  for (const [name, recording] of Object.entries(recordings)) {
    const shard = shardOf(recording.room, rooms[recording.room]);
    parts.get(shard).recordings[name] = recording;
  }
  mkdirSync(FOLDER, { recursive: true });
  for (const [shard, manifest] of parts)
    writeFileSync(fileOf(shard), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(
    [...parts].map(([shard, { rooms }]) => `${shard}: ${Object.keys(rooms).length} rooms`).join("\n"),
  );
}

const isEmpty = (shard) => Object.keys(readManifest(shard).rooms).length === 0;

/** Runs a command of rtc for a stack; one without rooms is meant to be empty. */
const run = (shard, command, options) =>
  rtc(
    [command, "--file", fileOf(shard), "--stack", shard, "--json", ...options],
    isEmpty(shard) ? { RTC_ALLOW_EMPTY: shard } : {},
  );

/**
 * First every stack that deletes nothing, so that a room which moves is adopted before the stack that had it goes on; then the
 * others, which refresh: what has been adopted leaves their state, and is not deleted. Not where a stack has failed, which
 * may not have adopted its rooms.
 */
async function up(options) {
  const cautious = [...options.filter((option) => option !== "--force"), "--yes", "--max-deletes", "0"];
  const first = await forEach(
    shards().filter((shard) => !isEmpty(shard)),
    (shard) => run(shard, "up", cautious),
  );
  const isPostponed = ({ stderr }) => stderr.includes('"TOO_MANY_DELETES"');
  if (first.some((one) => one.code !== 0 && !isPostponed(one))) return first;
  const rest = [...first.filter(isPostponed).map(({ shard }) => shard), ...shards().filter(isEmpty)];
  const second = await forEach(rest, (shard) => run(shard, "up", [...options, "--yes", "--refresh"]));
  return [...first.filter((one) => !isPostponed(one)), ...second];
}

/** One report for all stacks, as JSON; the exit code is that of the worst of them. */
function report(results) {
  const errorIn = (stderr) => {
    const start = stderr.search(/^\{$/m);
    return start < 0 ? { error: { message: stderr } } : JSON.parse(stderr.slice(start));
  };
  const all = results.map(({ shard, code, stdout, stderr }) => {
    return { stack: shard, code, ...(stdout ? JSON.parse(stdout) : errorIn(stderr)) };
  });
  console.log(JSON.stringify(all, null, 2));
  const codes = results.map(({ code }) => code).filter((code) => code !== 0);
  // Drift (7) is less than a failure.
  process.exitCode = codes.find((code) => code !== 7) ?? codes[0] ?? 0;
}

const [command, ...options] = process.argv.slice(2);
if (command === "split") await split();
else if (command === "up") report(await up(options));
else if (command === "destroy")
  report(await forEach(shards(), (shard) => run(shard, command, [...options, "--yes"])));
else if (command === "preview" || command === "drift")
  report(await forEach(shards(), (shard) => run(shard, command, options)));
else {
  console.error("usage: node shards.mjs split | up | preview | drift | destroy");
  process.exitCode = 2;
}
