import type { Command } from "commander";
import type { Capability } from "../../contract/capabilities";
import { type CommonOptions, runs } from "../command";
import { EXIT } from "../exit-codes";

interface Options extends CommonOptions {
  needs: string[];
  vendor?: string;
  region?: string;
  name?: string;
}

/** `rtc explain`: which vendor a room would go to, and why. */
export function explain(program: Command): void {
  const command = program
    .command("explain")
    .summary("tell which vendor a room would go to, and why")
    .description(
      "Tells which vendor a room would go to with the configuration of this environment, and why not to the others. No vendor is called.",
    )
    .option("--needs <capability...>", "what it must be able to do", ["rtc.room.create"])
    .option("--vendor <vendor>", "this one or none")
    .option("--region <region>", "it must have this region")
    .option("--name <name>", "it must be able to carry this room name");
  runs<Options>(command, "rtc explain --needs rtc.room.create rtc.recording.start", async (options, io) => {
    const { newClient } = await import("../../client/create.js");
    const { needs, vendor, region, name } = options;
    const route = newClient().explainRoute({ needs: needs as Capability[], vendor, region, name });
    // Where a vendor could take it and none is chosen, a gateway is what chooses.
    const isLeftOpen =
      route.vendor === null && vendor === undefined && route.candidates.some(({ fits }) => fits);
    io.result(route, () => {
      const lines = route.candidates.map(({ vendor: one, fits, reason }) => {
        return `  ${one}: ${[...(fits ? ["fits"] : []), ...(reason ? [reason] : [])].join(", but ")}`;
      });
      const none = isLeftOpen ? "The gateway chooses." : "No vendor takes this.";
      return [route.vendor ?? none, ...lines].join("\n");
    });
    return route.vendor === null && !isLeftOpen ? EXIT.usage : EXIT.done;
  });
}
