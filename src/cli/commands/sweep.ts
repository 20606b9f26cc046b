import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { type ManagedOptions, runs, withProject } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface SweepOptions extends ManagedOptions {
  yes?: boolean;
}

/** `rtc sweep`: what a lost state has left at the vendors. */
export function sweep(program: Command): void {
  const command = withProject(program.command("sweep"))
    .summary("find what carries the stack's tag and is in no state")
    .description(
      "Lists the rooms that carry this stack's ownership tag, and their recordings, which the state does not hold. With --yes they are removed, with everybody in them.",
    )
    .option("--yes", "remove them; else they are listed");
  runs<SweepOptions>(command, "rtc sweep --stack review-42 --yes", carryOut);
}

async function carryOut({ yes, ...options }: SweepOptions, io: Io): Promise<ExitCode> {
  const { RtcError } = await import("../../contract/errors.js");
  const { shortName, withManaged } = await import("../stack/declared.js");
  const { heldIn, pendingIn } = await import("../stack/stack-state.js");
  const { sweepAway, taggedOf } = await import("../stack/orphans.js");
  const { stackTag } = await import("../../contract/owner.js");
  const { list } = await import("../report/table.js");
  return withManaged(options, async (engine) => {
    const state = engine.exists ? await engine.state() : {};
    // What a killed run has begun is for the next one to adopt.
    const { operations } = pendingIn(state);
    if (operations > 0) {
      const message =
        "a run of this stack was killed: rtc up or rtc destroy adopts what it has made; run one of them first";
      throw new RtcError("INVALID_ARGUMENT", message);
    }
    const held = new Set(heldIn(state).map(({ id }) => id));
    const client = engine.client();
    const found = await taggedOf(
      client,
      stackTag({ project: engine.project, stack: shortName(engine.name) }),
    );
    const rooms = found.rooms.map(({ room }) => room).filter((id) => !held.has(id));
    const recordings = found.recordings
      .filter(({ room, recording }) => !held.has(recording) && rooms.includes(room))
      .map(({ recording }) => recording);
    const lost = [...recordings, ...rooms];
    if (!yes) {
      if (lost.length > 0) io.note("Nothing is removed without --yes. These would be:");
      io.result({ removed: [], failed: [], would: lost }, () => list(lost) || "nothing is lost");
      return EXIT.done;
    }
    const { removed, failed } = await sweepAway(client, recordings, rooms);
    for (const { id, message } of failed) io.warn(oneLine(`${id}: ${message}`));
    io.result({ removed, failed, would: [] }, () => list(removed) || "nothing is lost");
    return failed.length === 0 ? EXIT.done : EXIT.resource;
  });
}
