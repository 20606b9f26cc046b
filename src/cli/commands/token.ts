import type { Command } from "commander";
import type { RtcClient } from "../../client/types";
import type { Room } from "../../contract/types";
import { addAction, type ManagedOptions, withProject } from "../command";
import type { DeclaredRoom } from "../declared-rooms";
import { EXIT } from "../exit-codes";
import { inputOptions } from "../input-options";

interface Options extends ManagedOptions {
  offline?: boolean;
}

const grants = inputOptions(
  "tokenInput",
  ["vendor", "displayName", "ttlSeconds", "canPublish", "canSubscribe", "canPublishData", "isAdmin"],
  { canPublishData: "data" },
);

/** `rtc token`: signs a join token. */
export function token(program: Command): void {
  const command = grants
    .addTo(withProject(program.command("token <room> <identity>")))
    .summary("sign a join token")
    .description(
      "Signs a token for joining a room, and prints only the token. It carries the room's settings, with which a join brings the room back: those declared in the stack (in a Pulumi project, or with --stack) or in the manifest (with --file), also of a room that has closed; else those of the live room.",
    )
    .option("--offline", "sign without a call to the vendor: only a declared room's settings are known then");
  addAction<Options>(
    command,
    "rtc token standup alice --ttl 600",
    async (options, io, room = "", identity = "") => {
      const { recordOf } = await import("../declared-rooms.js");
      const isGiven = (name: keyof Options) => command.getOptionValueSource(name) === "cli";
      const { client, declared, unread } = await declarations(options, isGiven("stack"), isGiven("file"));
      const { vendor, ...granted } = grants.read(options);
      try {
        const known = recordOf(client, declared, room, vendor);
        const isLookedUp = known === undefined && !options.offline && vendor === undefined;
        const issued = await client.token.issue({
          room: known ?? (isLookedUp ? await liveRoom(client, room) : room),
          identity,
          vendor: known === undefined ? vendor : undefined,
          ...granted,
        });
        for (const warning of issued.warnings ?? []) io.warn(warning);
        io.result(issued, () => issued.token);
        return EXIT.done;
      } catch (error) {
        if (unread !== undefined) io.note(`the stack was not read: ${unread}`);
        throw error;
      }
    },
  );
}

/** What is declared, and the client that its stack configures. */
interface Declarations {
  client: RtcClient;
  declared: DeclaredRoom[];
  /** Why the stack of the folder, which no option names, was not read. */
  unread?: string;
}

/** Reads the stack that is named or selected, and the manifest where one is named. Without a stack the environment configures. */
async function declarations(
  options: Options,
  isStackNamed: boolean,
  isManifestNamed: boolean,
): Promise<Declarations> {
  const { roomsOfManifest, roomsOfState } = await import("../declared-rooms.js");
  const folder = process.cwd();
  const { file } = options;
  const { projectIn, loadManifest } = await import("../../manifest/load.js");
  const { isProject } = await import("../stack/engine.js");
  const { shortName, withManaged } = await import("../stack/declared.js");
  const { assertExists } = await import("../stack/engine.js");
  const fromManifest = (stack: string | undefined) =>
    roomsOfManifest(loadManifest({ folder, file, stack: stack && shortName(stack) }).manifest);
  const isInEnvironment = options.stack !== undefined && projectIn({ folder, file }) !== undefined;
  let unread: string | undefined;
  if (isStackNamed || isProject(folder) || isInEnvironment) {
    try {
      return await withManaged(options, async (engine) => {
        if (isManifestNamed) return { client: engine.client(), declared: fromManifest(engine.name) };
        if (isStackNamed) assertExists(engine);
        const declared = engine.exists ? roomsOfState(await engine.state()) : [];
        return { client: engine.client(), declared };
      });
    } catch (error) {
      if (isStackNamed || isManifestNamed || !(error instanceof Error)) throw error;
      unread = error.message;
    }
  }
  const { newClient } = await import("../../client/create.js");
  const declared = isManifestNamed ? fromManifest(options.stack) : [];
  return { client: newClient(), declared, ...(unread !== undefined && { unread }) };
}

/** A room as it is live. @throws NOT_FOUND, with what helps where it has closed */
async function liveRoom(client: RtcClient, room: string): Promise<Room> {
  const { RtcError } = await import("../../contract/index.js");
  try {
    return await client.room.get(room);
  } catch (error) {
    if (!RtcError.isInstance(error) || error.code !== "NOT_FOUND") throw error;
    const advice =
      "where it is declared and has closed, name its stack (--stack) or its manifest (--file rtc.yaml); --offline signs without its settings";
    throw new RtcError("NOT_FOUND", `${error.message}: ${advice}`, { vendor: error.vendor });
  }
}
