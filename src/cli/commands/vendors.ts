import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { addAction } from "../command";
import { EXIT } from "../exit-codes";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

/** `rtc vendors`: what each vendor can do with this configuration. */
export function vendors(program: Command): void {
  const command = withSettings(program.command("vendors"))
    .summary("show what each vendor can do")
    .description("Shows what each vendor can do with this configuration, and why not. No vendor is called.");
  addAction<SettingsOptions>(command, "rtc vendors", async (options, io) => {
    const { CAPABILITIES } = await import("../../contract/capabilities.js");
    const { table } = await import("../report/report.js");
    const client = await clientHere(options);
    const found = await Promise.all(CAPABILITIES.map((capability) => client.discover(capability)));
    // A gateway may have vendors that this version does not know.
    const names = [
      ...new Set([...client.vendors(), ...found.flatMap((one) => one.vendors.map(({ vendor }) => vendor))]),
    ];
    io.result(found, () => {
      const rows = found.map((one) => {
        const available = (name: string) => one.vendors.find(({ vendor }) => vendor === name)?.available;
        return [one.capability, ...names.map((name) => (available(name) ? "yes" : "no"))];
      });
      const reasons = new Set(
        found.flatMap((one) =>
          one.vendors.flatMap(({ vendor, reason }) => (reason ? [oneLine(`${vendor}: ${reason}`)] : [])),
        ),
      );
      const because = reasons.size === 0 ? "" : `\n\n${[...reasons].join("\n")}`;
      return table(["", ...names], rows) + because;
    });
    return EXIT.done;
  });
}
