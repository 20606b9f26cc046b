import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { addAction, withYes } from "../command";
import { EXIT } from "../exit-codes";
import { inputOptions } from "../input-options";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

/** A kick bans no participant, and a server may renew the token of whoever is connected. */
const RETURN =
  "They can join again while their token is valid, or another one that the server has handed to their client (ten minutes or more). To keep them out, use a room of another name.";

const kicked = inputOptions("kickInput", ["vendor"]);

/** `rtc participants` and `rtc kick`: the participants in a room. */
export function participants(program: Command): void {
  addAction<SettingsOptions>(
    withSettings(program.command("participants <room>"))
      .summary("list the participants in a room")
      .description("Lists the participants in a room, without recorders and agents."),
    "rtc participants standup",
    async (options, io, room = "") => {
      const { table } = await import("../report/report.js");
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
  addAction<SettingsOptions>(
    kicked
      .addTo(withYes(withSettings(program.command("kick <room> <identity>"))))
      .summary("remove a participant from a room")
      .description(
        `Removes a participant from a room. ${RETURN} See docs/operating.md, "Removed participants".`,
      ),
    "rtc kick standup alice",
    async (options, io, room = "", identity = "") => {
      await (await clientHere(options)).participant.kick({ ...kicked.read(options), room, identity });
      io.result({ ok: true }, () => `${oneLine(`${identity} is removed from ${room}`)}\n${RETURN}`);
      return EXIT.done;
    },
  );
}
