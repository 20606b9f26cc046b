import type { Command } from "commander";
import type { BulkResult } from "../../client/bulk-rooms";
import { oneLine } from "../../contract/printable";
import type { Room } from "../../contract/types";
import { addAction, withYes } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { inputOptions } from "../input-options";
import type { Io } from "../io";
import { clientHere, type SettingsOptions, withSettings } from "../settings";
import { seconds, whole } from "../values";

interface CreateOptions extends SettingsOptions {
  prefix?: string;
  count?: number;
  concurrency?: number;
}

interface DeleteOptions extends SettingsOptions {
  prefix?: string;
  olderThan?: number;
  yes?: boolean;
  concurrency?: number;
}

const roomSettings = inputOptions("roomInput", [
  ...(["vendor", "region", "maxParticipants", "emptyTimeoutSeconds", "metadata"] as const),
]);

/** `rtc rooms`: the rooms at the vendors, independent of any stack. */
export function rooms(program: Command): void {
  const group = program
    .command("rooms")
    .summary("list, get, create and delete rooms at the vendors")
    .description(
      "The live rooms at the vendors, independent of any stack: for scripts that create and delete many.",
    );

  addAction<SettingsOptions & { prefix: string; olderThan?: number }>(
    withSettings(group.command("list"))
      .description("Lists the rooms that exist, of every vendor that can list them.")
      .option("--prefix <prefix>", "only names that begin with it", "")
      .option("--older-than <time>", "only rooms created longer ago, like 2h", seconds),
    "rtc rooms list --prefix exam- --json",
    async ({ prefix, olderThan, ...options }, io) => {
      const { client, bulk } = await clients(options);
      const found = await bulk.listRoomsBy(client, { prefix, olderThanSeconds: olderThan });
      const { table } = await import("../report/report.js");
      io.result(found, () => table(["ROOM", "PARTICIPANTS", "CREATED"], found.map(row)));
      return EXIT.done;
    },
  );

  addAction<SettingsOptions>(
    withSettings(group.command("get <room>")).description(
      "Shows a room with its live number of participants.",
    ),
    "rtc rooms get standup",
    async (options, io, room = "") => {
      const { client } = await clients(options);
      const found = await client.room.get(room);
      const { list } = await import("../report/report.js");
      const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
      io.result(found, () => list(Object.entries(found).map(([key, value]) => `${key}: ${text(value)}`)));
      return EXIT.done;
    },
  );

  addAction<CreateOptions>(
    roomSettings
      .addTo(withYes(withSettings(group.command("create [name]"))))
      .description(
        "Creates a room, or with --prefix and --count a numbered series. Rooms that exist with these settings are unchanged.",
      )
      .option("--prefix <prefix>", "the prefix of the names of a series")
      .option("--count <number>", "the number of rooms of a series", whole)
      .option("--concurrency <number>", "the number of concurrent calls (default: 10)", whole),
    "rtc rooms create --prefix exam- --count 300 --empty-timeout 10m",
    async (options, io, name) => {
      const { client, bulk } = await clients(options);
      const { prefix, count, concurrency } = options;
      const settings = roomSettings.read(options);
      if (name !== undefined && prefix === undefined && count === undefined) {
        const room = await client.room.create({ ...settings, name });
        for (const warning of room.warnings ?? []) io.warn(warning);
        io.result(room, () => oneLine(room.room));
        return EXIT.done;
      }
      if (name !== undefined || prefix === undefined || count === undefined)
        throw await usage("pass either a name, or --prefix and --count");
      const onProgress = await progress("created");
      return reportResult(
        await bulk.createRooms(client, prefix, count, settings, { concurrency, onProgress }),
        io,
      );
    },
  );

  addAction<DeleteOptions>(
    withYes(
      withSettings(group.command("delete [room]")),
      "delete the rooms without a question; without a terminal they are only listed otherwise",
    )
      .description(
        "Deletes a room and disconnects its participants; with --prefix, all rooms whose names begin with it: at a terminal it lists them and asks.",
      )
      .option("--prefix <prefix>", "the prefix of the rooms' names")
      .option("--older-than <time>", "only rooms created longer ago, like 2h", seconds)
      .option("--concurrency <number>", "the number of concurrent calls (default: 10)", whole),
    "rtc rooms delete --prefix exam- --older-than 2h --yes",
    async ({ prefix, olderThan, yes, concurrency, ...options }, io, room) => {
      const { client, bulk } = await clients(options);
      if (room !== undefined && olderThan !== undefined)
        throw await usage("--older-than is for --prefix: a room that is named is deleted whatever its age");
      if (room !== undefined && prefix === undefined) {
        await client.room.delete(room);
        io.result({ ok: true }, () => `${oneLine(room)} is deleted`);
        return EXIT.done;
      }
      if (room !== undefined || prefix === undefined) throw await usage("pass either a room or --prefix");
      const { confirm, isInteractive } = await import("../confirm.js");
      const { list } = await import("../report/report.js");
      const isAsking = !yes && isInteractive();
      if (yes || isAsking) bulk.assertPrefix(prefix);
      const found = await bulk.listRoomsBy(client, { prefix, olderThanSeconds: olderThan });
      const ids = found.map((one) => one.room);
      if (!yes && !isAsking) {
        const what = ids.length === 0 ? "No room is like that." : "These would be:";
        io.note(`Nothing is deleted without --yes. ${what}`);
        io.result({ done: [], failed: [], would: ids }, () => list(ids));
        return EXIT.done;
      }
      if (isAsking && ids.length > 0) {
        for (const id of ids) io.note(`- delete room ${id}`);
        const what = ids.length === 1 ? "this room" : `these ${ids.length} rooms`;
        await confirm(`Delete ${what}, and disconnect all participants?`);
      }
      const onProgress = await progress("deleted");
      return reportResult(await bulk.deleteRooms(client, ids, { concurrency, onProgress }), io);
    },
  );
}

async function clients(options: SettingsOptions) {
  const bulk = await import("../../client/bulk-rooms.js");
  return { client: await clientHere(options), bulk };
}

async function progress(what: string) {
  return (await import("../report/report.js")).counter(what);
}

async function usage(message: string): Promise<Error> {
  const { RtcError } = await import("../../contract/errors.js");
  return new RtcError("INVALID_ARGUMENT", message);
}

function row({ room, numParticipants, createdAt }: Room): string[] {
  return [room, String(numParticipants ?? "?"), createdAt ?? "?"];
}

/** Reports the result of a bulk operation: ids on stdout, failures on stderr. */
async function reportResult({ done, failed }: BulkResult, io: Io): Promise<ExitCode> {
  const [{ messageOf }, { list }] = await Promise.all([
    import("../../contract/errors.js"),
    import("../report/report.js"),
  ]);
  for (const { room, error } of failed) io.warn(`${oneLine(room)}: ${error.code}: ${messageOf(error)}`);
  const failures = failed.map(({ room, error }) => ({ room, code: error.code, message: error.message }));
  io.result({ done, failed: failures }, () => list(done));
  return failed.length === 0 ? EXIT.done : EXIT.resource;
}
