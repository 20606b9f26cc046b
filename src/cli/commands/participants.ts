import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { type CommonOptions, runs } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc participants` and `rtc kick`: the people in a room. */
export function participants(program: Command): void {
  runs<CommonOptions>(
    program
      .command("participants <room>")
      .summary("list the people in a room")
      .description("Lists the people in a room; recorders and agents are not people."),
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
  runs<CommonOptions & { vendor?: string }>(
    program
      .command("kick <room> <identity>")
      .summary("remove somebody from a room")
      .description(
        "Removes somebody from a room. Their token stays valid, so they can come back until it expires.",
      )
      .option("--vendor <vendor>", "where the room is, if its name alone does not say"),
    "rtc kick standup alice",
    async ({ vendor }, io, room = "", identity = "") => {
      const { newClient } = await import("../../client/create.js");
      await newClient().participant.kick({ room, identity, vendor });
      io.result({ ok: true }, () => oneLine(`${identity} is out of ${room}`));
      return EXIT.done;
    },
  );
}
