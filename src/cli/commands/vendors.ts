import type { Command } from "commander";
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
    const { vendorsText } = await import("../report/vendors-report.js");
    const client = await clientHere(options);
    const found = await Promise.all(CAPABILITIES.map((capability) => client.discover(capability)));
    // A gateway may have vendors that this version does not know.
    const names = [
      ...new Set([...client.vendors(), ...found.flatMap((one) => one.vendors.map(({ vendor }) => vendor))]),
    ];
    io.result(found, () => vendorsText(found, names));
    return EXIT.done;
  });
}
