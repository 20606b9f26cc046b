import type { Command } from "commander";
import type { Capability } from "../../contract/capabilities";
import { oneLine } from "../../contract/printable";
import { addAction } from "../command";
import { EXIT } from "../exit-codes";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

interface Options extends SettingsOptions {
  needs: string[];
  vendor?: string;
  region?: string;
  name?: string;
}

/** `rtc explain`: which vendor a room is placed at, and why. */
export function explain(program: Command): void {
  const command = withSettings(program.command("explain"))
    .summary("explain which vendor a room is placed at")
    .description(
      "Explains which vendor a room is placed at with this configuration, and why not at the others. No vendor is called.",
    )
    .option("--needs <capability...>", "the capabilities that it needs", ["rtc.room.create"])
    .option("--vendor <vendor>", "only this vendor")
    .option("--region <region>", "a region that the vendor must have")
    .option("--name <name>", "a room name that the vendor must support");
  addAction<Options>(
    command,
    "rtc explain --needs rtc.room.create rtc.recording.start",
    async (options, io) => {
      const { needs, vendor, region, name } = options;
      const route = (await clientHere(options)).explainRoute({
        needs: needs as Capability[],
        vendor,
        region,
        name,
      });
      // Where a vendor fits and none is chosen, a gateway chooses.
      const isLeftOpen =
        route.vendor === null && vendor === undefined && route.candidates.some(({ fits }) => fits);
      io.result(route, () => {
        const lines = route.candidates.map(({ vendor: one, fits, reason }) => {
          return `  ${oneLine(one)}: ${[...(fits ? ["fits"] : []), ...(reason ? [oneLine(reason)] : [])].join(", but ")}`;
        });
        const none = isLeftOpen ? "The gateway chooses." : "No vendor fits.";
        return [route.vendor ?? none, ...lines].join("\n");
      });
      return route.vendor === null && !isLeftOpen ? EXIT.usage : EXIT.done;
    },
  );
}
