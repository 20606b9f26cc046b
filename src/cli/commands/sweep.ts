import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { addAction, type ManagedOptions, withProject, withYes } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface SweepOptions extends ManagedOptions {
  yes?: boolean;
}

/** `rtc sweep`: the orphans of a stack at the vendors. */
export function sweep(program: Command): void {
  const command = withYes(
    withProject(program.command("sweep")),
    "delete the orphans, which are only listed otherwise",
  )
    .summary("find the stack's orphans at the vendors")
    .description(
      "Lists the rooms that carry this stack's ownership tag and are not in its state, and their recordings. With --yes deletes them and disconnects their participants.",
    );
  addAction<SweepOptions>(command, "rtc sweep --stack review-42 --yes", carryOut);
}

async function carryOut({ yes, ...options }: SweepOptions, io: Io): Promise<ExitCode> {
  const { RtcError } = await import("../../contract/errors.js");
  const { shortName, withManaged } = await import("../stack/declared.js");
  const { managedIn, pendingIn } = await import("../stack/stack-state.js");
  const { decideOrphans, observeLive, removeOrphans } = await import("../../reconcile/orphans.js");
  const { stackTag } = await import("../../contract/ids.js");
  const { list } = await import("../report/report.js");
  return withManaged(options, async (engine) => {
    const state = engine.exists ? await engine.state() : {};
    // The next run adopts what a killed one has begun.
    const { operations } = pendingIn(state);
    if (operations > 0) {
      const message =
        "a run of this stack was killed: run rtc up or rtc destroy first, which adopt the resources that it created";
      throw new RtcError("INVALID_ARGUMENT", message);
    }
    const managed = managedIn(state).map(({ id }) => id);
    const tag = stackTag({ project: engine.project, stack: shortName(engine.name) });
    const client = engine.client();
    const decision = decideOrphans(await observeLive(client), { tag, managed });
    const orphans = [...decision.recordings, ...decision.rooms];
    if (!yes) {
      if (orphans.length > 0) io.note("Nothing is removed without --yes. These would be:");
      io.result({ removed: [], failed: [], would: orphans }, () => list(orphans) || "no orphans");
      return EXIT.done;
    }
    const { removed, failed } = await removeOrphans(client, decision);
    for (const { id, message } of failed) io.warn(oneLine(`${id}: ${message}`));
    const none = failed.length === 0 ? "no orphans" : "nothing is removed";
    io.result({ removed, failed, would: [] }, () => list(removed) || none);
    return failed.length === 0 ? EXIT.done : EXIT.resource;
  });
}
