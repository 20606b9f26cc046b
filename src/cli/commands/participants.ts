import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { addAction, withYes } from "../command";
import { EXIT } from "../exit-codes";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

/** `rtc participants` and `rtc kick`: the participants in a room. */
export function participants(program: Command): void {
  addAction<SettingsOptions>(
    withSettings(program.command("participants <room>"))
      .summary("list the participants in a room")
      .description("Lists the participants in a room, without recorders and agents."),
    "rtc participants standup",
    async (options, io, room = "") => {
      const { table } = await import("../report/table.js");
      const { items } = await (await clientHere(options)).participant.list(room);
      io.result(items, () =>
        table(
          ["IDENTITY", "NAME", "JOINED"],
          items.map(({ identity, displayName = "", joinedAt }) => [identity, displayName, joinedAt ?? "?"]),
        ),
      );
      return EXIT.done;
    },
  );
  addAction<SettingsOptions & { vendor?: string }>(
    withYes(withSettings(program.command("kick <room> <identity>")))
      .summary("remove a participant from a room")
      .description(
        "Removes a participant from a room. Their token stays valid, so they can join again until it expires.",
      )
      .option("--vendor <vendor>", "the room's vendor, if its name is ambiguous"),
    "rtc kick standup alice",
    async (options, io, room = "", identity = "") => {
      const { vendor } = options;
      await (await clientHere(options)).participant.kick({ room, identity, vendor });
      io.result({ ok: true }, () => oneLine(`${identity} is removed from ${room}`));
      return EXIT.done;
    },
  );
}
