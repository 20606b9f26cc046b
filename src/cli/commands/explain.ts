import type { Command } from "commander";
import type { Capability } from "../../contract/capabilities";
import { oneLine } from "../../contract/printable";
import { addAction } from "../command";
import { EXIT } from "../exit-codes";
import { inputOptions } from "../input-options";
import { clientHere, type SettingsOptions, withSettings } from "../settings";

interface Options extends SettingsOptions {
  needs: string[];
}

const asked = inputOptions("routeInput", ["vendor", "region", "name"]);

/** `rtc explain`: which vendor a room is placed at, and why. */
export function explain(program: Command): void {
  const command = asked
    .addTo(withSettings(program.command("explain")))
    .summary("explain which vendor a room is placed at")
    .description(
      "Explains which vendor a room is placed at with this configuration, and why not at the others. No vendor is called.",
    )
    .option("--needs <capability...>", "the capabilities that it needs", ["rtc.room.create"]);
  addAction<Options>(
    command,
    "rtc explain --needs rtc.room.create rtc.recording.start",
    async (options, io) => {
      const request = asked.read(options);
      const needs = options.needs as Capability[];
      const route = (await clientHere(options)).explainRoute({ ...request, needs });
      // Where a vendor fits and none is chosen, a gateway chooses.
      const isLeftOpen =
        route.vendor === null && request.vendor === undefined && route.candidates.some(({ fits }) => fits);
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
