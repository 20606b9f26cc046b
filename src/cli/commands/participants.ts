import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { addAction, type CommonOptions } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc participants` and `rtc kick`: the participants in a room. */
export function participants(program: Command): void {
  addAction<CommonOptions>(
    program
      .command("participants <room>")
      .summary("list the participants in a room")
      .description("Lists the participants in a room, without recorders and agents."),
    "rtc participants standup",
    async (_options, io, room = "") => {
      const { newClient } = await import("../../client/create.js");
      const { table } = await import("../report/table.js");
      const { items } = await newClient().participant.list(room);
      io.result(items, () =>
        table(
          ["IDENTITY", "NAME", "JOINED"],
          items.map(({ identity, displayName = "", joinedAt }) => [identity, displayName, joinedAt ?? "?"]),
        ),
      );
      return EXIT.done;
    },
  );
  addAction<CommonOptions & { vendor?: string }>(
    program
      .command("kick <room> <identity>")
      .summary("remove a participant from a room")
      .description(
        "Removes a participant from a room. Their token stays valid, so they can join again until it expires.",
      )
      .option("--vendor <vendor>", "the room's vendor, if its name is ambiguous"),
    "rtc kick standup alice",
    async ({ vendor }, io, room = "", identity = "") => {
      const { newClient } = await import("../../client/create.js");
      await newClient().participant.kick({ room, identity, vendor });
      io.result({ ok: true }, () => oneLine(`${identity} is removed from ${room}`));
      return EXIT.done;
    },
  );
}
