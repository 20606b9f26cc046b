import type { Command } from "commander";
import type { BulkResult } from "../../client/bulk-rooms";
import type { JsonObject } from "../../contract/json";
import { oneLine } from "../../contract/printable";
import type { Room } from "../../contract/types";
import { type CommonOptions, runs } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { object, seconds, whole } from "../values";

interface CreateOptions extends CommonOptions {
  vendor?: string;
  region?: string;
  maxParticipants?: number;
  emptyTimeout?: number;
  metadata?: JsonObject;
  prefix?: string;
  count?: number;
  concurrency?: number;
}

interface DeleteOptions extends CommonOptions {
  prefix?: string;
  olderThan?: number;
  yes?: boolean;
  concurrency?: number;
}

/** `rtc rooms`: the rooms at the vendors, beside any stack. */
export function rooms(program: Command): void {
  const group = program
    .command("rooms")
    .summary("list, get, create and delete rooms at the vendors")
    .description(
      "The rooms at the vendors as they are, beside any stack: for scripts that make and remove many.",
    );

  runs<CommonOptions & { prefix: string; olderThan?: number }>(
    group
      .command("list")
      .description("Lists the rooms that exist, of every vendor that can tell.")
      .option("--prefix <prefix>", "only names that begin with it", "")
      .option("--older-than <time>", "only rooms made longer ago, like 2h", seconds),
    "rtc rooms list --prefix exam- --json",
    async ({ prefix, olderThan }, io) => {
      const { client, many } = await clients();
      const found = await many.listRoomsBy(client, { prefix, olderThanSeconds: olderThan });
      const { table } = await import("../report/table.js");
      io.result(found, () => table(["ROOM", "PEOPLE", "CREATED"], found.map(row)));
      return EXIT.done;
    },
  );

  runs<CommonOptions>(
    group.command("get <room>").description("Shows a room with its live number of people."),
    "rtc rooms get standup",
    async (_options, io, room = "") => {
      const { client } = await clients();
      const found = await client.room.get(room);
      const { list } = await import("../report/table.js");
      const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
      io.result(found, () => list(Object.entries(found).map(([key, value]) => `${key}: ${text(value)}`)));
      return EXIT.done;
    },
  );

  runs<CreateOptions>(
    group
      .command("create [name]")
      .description(
        "Makes a room, or with --prefix and --count a numbered series. Those that exist with these settings are fine.",
      )
      .option("--vendor <vendor>", "instead of the first one that fits")
      .option("--region <region>", "one of the configured deployments")
      .option("--max-participants <number>", "the most people at once", whole)
      .option(
        "--empty-timeout <time>",
        "how long it stays when it is empty, like 10m (default: the vendor's)",
        seconds,
      )
      .option("--metadata <json>", "a JSON object", object)
      .option("--prefix <prefix>", "of the names of a series")
      .option("--count <number>", "how many of them", whole)
      .option("--concurrency <number>", "how many at once (default: 10)", whole),
    "rtc rooms create --prefix exam- --count 300 --empty-timeout 10m",
    async (options, io, name) => {
      const { client, many } = await clients();
      const { vendor, region, maxParticipants, metadata, prefix, count, concurrency } = options;
      const settings = {
        vendor,
        region,
        maxParticipants,
        emptyTimeoutSeconds: options.emptyTimeout,
        metadata,
      };
      if (name !== undefined && prefix === undefined && count === undefined) {
        const room = await client.room.create({ ...settings, name });
        for (const warning of room.warnings ?? []) io.warn(warning);
        io.result(room, () => oneLine(room.room));
        return EXIT.done;
      }
      if (name !== undefined || prefix === undefined || count === undefined)
        throw await usage("give either a name, or --prefix and --count");
      const onProgress = await progress("created");
      return told(await many.createRooms(client, prefix, count, settings, { concurrency, onProgress }), io);
    },
  );

  runs<DeleteOptions>(
    group
      .command("delete [room]")
      .description(
        "Deletes a room with everybody in it, or with --prefix those whose names begin with it, once --yes is given.",
      )
      .option("--prefix <prefix>", "of the names of the rooms")
      .option("--older-than <time>", "only rooms made longer ago, like 2h", seconds)
      .option("--concurrency <number>", "how many at once (default: 10)", whole)
      .option("--yes", "delete them; else they are listed"),
    "rtc rooms delete --prefix exam- --older-than 2h --yes",
    async ({ prefix, olderThan, yes, concurrency }, io, room) => {
      const { client, many } = await clients();
      if (room !== undefined && prefix === undefined) {
        await client.room.delete(room);
        io.result({ ok: true }, () => `${oneLine(room)} is gone`);
        return EXIT.done;
      }
      if (room !== undefined || prefix === undefined) throw await usage("give either a room or --prefix");
      const filter = { prefix, olderThanSeconds: olderThan };
      if (yes) {
        const onProgress = await progress("deleted");
        return told(await many.deleteRooms(client, filter, { concurrency, onProgress }), io);
      }
      const found = await many.listRoomsBy(client, filter);
      io.note(`Nothing is deleted without --yes. These would be:`);
      const { list } = await import("../report/table.js");
      const would = found.map((one) => one.room);
      io.result({ done: [], failed: [], would }, () => list(would));
      return EXIT.done;
    },
  );
}

async function clients() {
  const [{ newClient }, many] = await Promise.all([
    import("../../client/create.js"),
    import("../../client/bulk-rooms.js"),
  ]);
  return { client: newClient(), many };
}

async function progress(what: string) {
  return (await import("../report/progress.js")).counter(what);
}

async function usage(message: string): Promise<Error> {
  const { RtcError } = await import("../../contract/errors.js");
  return new RtcError("INVALID_ARGUMENT", message);
}

function row({ room, numParticipants, createdAt }: Room): string[] {
  return [room, String(numParticipants ?? "?"), createdAt ?? "?"];
}

/** What became of many: the ids on stdout, what failed on stderr. */
async function told({ done, failed }: BulkResult, io: Io): Promise<ExitCode> {
  const [{ messageOf }, { list }] = await Promise.all([
    import("../../contract/errors.js"),
    import("../report/table.js"),
  ]);
  for (const { room, error } of failed) io.warn(`${oneLine(room)}: ${error.code}: ${messageOf(error)}`);
  const failures = failed.map(({ room, error }) => ({ room, code: error.code, message: error.message }));
  io.result({ done, failed: failures }, () => list(done));
  return failed.length === 0 ? EXIT.done : EXIT.resource;
}
