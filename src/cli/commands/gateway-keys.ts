import { isBuiltin } from "node:module";
import { type Command, Option } from "commander";
import { RtcError } from "../../contract";
import type { GatewayKeys } from "../../gateway/services/keys";
import type { StoredKey } from "../../gateway/store/store";
import { type CommonOptions, runs } from "../command";
import { EXIT } from "../exit-codes";
import { seconds } from "../values";

interface StoreOptions extends CommonOptions {
  store: string;
}

interface CreateOptions extends StoreOptions {
  readOnly?: boolean;
  prefix?: string;
  output?: string;
  expiresIn?: number;
}

/** Adds `--store`, which the server and its keys share. */
export function withStore(command: Command): Command {
  const store = new Option("--store <file>", "what the gateway remembers, made where there is none");
  return command.addOption(store.env("RTC_GATEWAY_STORE").default("rtc-gateway.db"));
}

/** `rtc gateway keys`: who may use a gateway. */
export function gatewayKeys(gateway: Command): void {
  const group = gateway
    .command("keys")
    .description("The keys of a gateway. A running one sees every change.")
    // `rtc gateway --store here.db keys list` means that file too.
    .hook("preAction", (_group, command) => {
      const isGiven = (at: Command) => at.getOptionValueSource("store") === "cli";
      if (isGiven(gateway) && !isGiven(command))
        command.setOptionValue("store", gateway.getOptionValue("store"));
    });

  runs<CreateOptions>(
    withStore(group.command("create <name>"))
      .description("Makes a key and prints it, this once: only its hash is kept.")
      .option("--read-only", "may only look")
      .option("--prefix <prefix>", "may touch only rooms whose names begin with it")
      .option(
        "--output <uri>",
        "may record into this folder only (default: anywhere; with --prefix: the gateway's own output)",
      )
      .option(
        "--expires-in <time>",
        "how long it is good for, like 90d (default: until it is revoked)",
        seconds,
      ),
    "rtc gateway keys create ci --prefix ci- --output s3://acme/ci/ --expires-in 90d",
    async ({ store, readOnly, prefix, output, expiresIn }, io, name = "") => {
      const made = await withKeys(store, (keys) =>
        keys.create({ name, readOnly, prefix, output, expiresInSeconds: expiresIn }),
      );
      io.note("This is shown once, and kept nowhere:");
      io.result({ key: made.key, ...shown(made) }, () => made.key);
      return EXIT.done;
    },
  );

  runs<StoreOptions>(
    withStore(group.command("list")).description("Lists the keys by name, without the keys themselves."),
    "rtc gateway keys list",
    async ({ store }, io) => {
      const found = (await withKeys(store, (keys) => keys.list())).map(shown);
      const { table } = await import("../report/table.js");
      const rows = found.map(({ id, name, readOnly, prefix, output, expiresAt }) => [
        ...[id, name, readOnly ? "read only" : "all", prefix ?? "", output ?? "", expiresAt ?? ""],
      ]);
      io.result(found, () => table(["ID", "NAME", "MAY", "PREFIX", "OUTPUT", "EXPIRES"], rows));
      return EXIT.done;
    },
  );

  runs<StoreOptions>(
    withStore(group.command("revoke <key>")).description("Refuses a key, by its id or name, from now on."),
    "rtc gateway keys revoke ci",
    async ({ store }, io, key = "") => {
      await withKeys(store, (keys) => keys.revoke(key)).catch((error: unknown) => {
        if (!RtcError.isInstance(error) || error.code !== "UNAVAILABLE") throw error;
        throw new RtcError("UNAVAILABLE", `the key ${key} is not revoked, and still works: ${error.message}`);
      });
      io.result({ ok: true }, () => `${key} is refused from now on`);
      return EXIT.done;
    },
  );
}

/** @throws UNSUPPORTED for a Node without SQLite, in which the store is */
export function needsSqlite(): void {
  if (!isBuiltin("node:sqlite"))
    throw new RtcError("UNSUPPORTED", `a gateway needs Node 22.13 or newer, and this is ${process.version}`);
}

async function withKeys<T>(file: string, use: (keys: GatewayKeys) => Promise<T>): Promise<T> {
  needsSqlite();
  const [{ openStore }, { GatewayKeys }] = await Promise.all([
    import("../../gateway/store/sqlite-store.js"),
    import("../../gateway/services/keys.js"),
  ]);
  const store = openStore(file);
  try {
    return await use(new GatewayKeys(store.keys));
  } finally {
    store.close();
  }
}

/** A key as it may be shown. */
function shown({ id, name, readOnly, prefix, output, createdAt, expiresAt }: StoredKey) {
  const time = (at: number) => new Date(at).toISOString();
  return {
    ...{ id, name, readOnly, createdAt: time(createdAt) },
    ...(prefix !== undefined && { prefix }),
    ...(output !== undefined && { output }),
    ...(expiresAt !== undefined && { expiresAt: time(expiresAt) }),
  };
}
