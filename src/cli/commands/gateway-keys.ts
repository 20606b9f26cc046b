import { isBuiltin } from "node:module";
import { type Command, Option } from "commander";
import { RtcError } from "../../contract/errors";
import type { GatewayKeys } from "../../gateway/services/keys";
import type { StoredKey } from "../../gateway/store/store";
import { addAction, type CommonOptions, withYes } from "../command";
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
  const store = new Option(
    "--store <address>",
    "the gateway's store: a file, which is created if it does not exist, or postgres://user@host/database",
  );
  return command.addOption(store.env("RTC_GATEWAY_STORE").default("rtc-gateway.db"));
}

/** `rtc gateway keys`: the keys of a gateway. */
export function gatewayKeys(gateway: Command): void {
  const group = gateway
    .command("keys")
    .description("The keys of a gateway. A running gateway applies every change.")
    // `rtc gateway --store here.db keys list` means that file too.
    .hook("preAction", (_group, command) => {
      const isGiven = (at: Command) => at.getOptionValueSource("store") === "cli";
      if (isGiven(gateway) && !isGiven(command))
        command.setOptionValue("store", gateway.getOptionValue("store"));
    });

  addAction<CreateOptions>(
    withYes(withStore(group.command("create <name>")))
      .description("Creates a key and prints it once. Only its hash is stored.")
      .option("--read-only", "read-only access")
      .option("--prefix <prefix>", "access only to rooms whose names begin with it")
      .option(
        "--output <uri>",
        "record only into this folder (default: anywhere; with --prefix: the gateway's own output)",
      )
      .option("--expires-in <time>", "its lifetime, like 90d (default: until it is revoked)", seconds),
    "rtc gateway keys create ci --prefix ci- --output s3://acme/ci/ --expires-in 90d",
    async ({ store, readOnly, prefix, output, expiresIn }, io, name = "") => {
      const created = await withKeys(store, (keys) =>
        keys.create({ name, readOnly, prefix, output, expiresInSeconds: expiresIn }),
      );
      io.note("The key is shown once, and is not stored.");
      io.result({ key: created.key, ...withoutHash(created) }, () => created.key);
      return EXIT.done;
    },
  );

  addAction<StoreOptions>(
    withStore(group.command("list")).description("Lists the keys by name, without the keys themselves."),
    "rtc gateway keys list",
    async ({ store }, io) => {
      const found = (await withKeys(store, (keys) => keys.list())).map(withoutHash);
      const { table } = await import("../report/report.js");
      const rows = found.map(({ id, name, readOnly, prefix, output, expiresAt }) => [
        ...[id, name, readOnly ? "read only" : "all", prefix ?? "", output ?? "", expiresAt ?? ""],
      ]);
      io.result(found, () => table(["ID", "NAME", "MAY", "PREFIX", "OUTPUT", "EXPIRES"], rows));
      return EXIT.done;
    },
  );

  addAction<StoreOptions>(
    withYes(withStore(group.command("revoke <key>"))).description(
      "Revokes a key immediately, by its id or name.",
    ),
    "rtc gateway keys revoke ci",
    async ({ store }, io, key = "") => {
      await withKeys(store, (keys) => keys.revoke(key)).catch((error: unknown) => {
        if (!RtcError.isInstance(error) || error.code !== "UNAVAILABLE") throw error;
        throw new RtcError(
          "UNAVAILABLE",
          `the key ${key} is not revoked, and is still valid: ${error.message}`,
        );
      });
      io.result({ ok: true }, () => `${key} is revoked`);
      return EXIT.done;
    },
  );
}

/** @throws UNSUPPORTED for a Node without SQLite, which the store needs */
export function assertSqlite(): void {
  if (!isBuiltin("node:sqlite"))
    throw new RtcError("UNSUPPORTED", `a gateway needs Node 22.13 or newer, and this is ${process.version}`);
}

async function withKeys<T>(address: string, use: (keys: GatewayKeys) => Promise<T>): Promise<T> {
  assertSqlite();
  const [{ openStore }, { GatewayKeys }] = await Promise.all([
    import("../../gateway/store/open-store.js"),
    import("../../gateway/services/keys.js"),
  ]);
  const store = await openStore(address);
  try {
    return await use(new GatewayKeys(store.keys));
  } finally {
    await store.close();
  }
}

/** The public fields of a key. */
function withoutHash({ id, name, readOnly, prefix, output, createdAt, expiresAt }: StoredKey) {
  const time = (at: number) => new Date(at).toISOString();
  return {
    ...{ id, name, readOnly, createdAt: time(createdAt) },
    ...(prefix !== undefined && { prefix }),
    ...(output !== undefined && { output }),
    ...(expiresAt !== undefined && { expiresAt: time(expiresAt) }),
  };
}
