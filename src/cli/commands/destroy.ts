import type { Command } from "commander";
import { oneLine } from "../../contract/printable";
import { addAction, type ManagedOptions, withProject, withWait, withYes } from "../command";
import type { ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { errorLines } from "../report/report";
import type { Engine } from "../stack/engine";
import type { TeardownOptions, TeardownResult } from "../stack/teardown";

interface DestroyOptions extends ManagedOptions {
  force?: boolean;
  removeStack?: boolean;
  yes?: boolean;
}

/** `rtc destroy`: takes a stack down. */
export function destroy(program: Command): void {
  const command = withProject(program.command("destroy"))
    .summary("take a stack down, and check that nothing is left")
    .description(
      "Stops the stack's recordings, deletes its rooms, and checks at the vendors that nothing is left. At a terminal it lists them first, and asks. Protected resources and occupied rooms stop it before anything is touched. Needs no manifest, and uses the current credentials.",
    )
    .option("--force", "end the calls in occupied rooms")
    .option("--remove-stack", "remove the stack itself, once nothing is left");
  addAction<DestroyOptions>(
    withYes(withWait(command)),
    "rtc destroy --stack review-42 --remove-stack",
    carryOut,
  );
}

async function carryOut(options: DestroyOptions, io: Io): Promise<ExitCode> {
  const { withManaged } = await import("../stack/declared.js");
  const { exitOf, tearDown } = await import("../stack/teardown.js");
  const { isInteractive } = await import("../confirm.js");
  const { force = false, removeStack = false, yes = false } = options;
  const result = await withManaged(options, async (engine) => {
    if (engine.exists && !yes && isInteractive()) await ask(engine, { force, removeStack }, io);
    return tearDown(engine, { force, removeStack }, io);
  });
  io.result(result, () => describeResult(result));
  return exitOf(result);
}

/** Lists what would be deleted and asks whether to do it, unless there is nothing. */
async function ask(engine: Engine, { force, removeStack }: TeardownOptions, io: Io): Promise<void> {
  const { confirm } = await import("../confirm.js");
  const { managedIn, pendingIn } = await import("../stack/stack-state.js");
  const state = await engine.state();
  const all = [...managedIn(state), ...pendingIn(state).creates];
  if (all.length === 0 && !removeStack) return;
  for (const { kind, name, id } of all) io.note(`- delete ${kind} ${name}${id && ` (${id})`}`);
  if (force) io.note("The calls in occupied rooms end.");
  const what = removeStack ? "Destroy and remove" : "Destroy";
  await confirm(`${what} ${engine.project}/${engine.name}?`);
}

/** A teardown as text: what is left, and what to do about it. */
export function describeResult(result: TeardownResult): string {
  const { project, stack, recordings, deleted, left, remaining, errors } = result;
  const lines = recordings.map(({ recording, status, files }) => {
    return oneLine(`recording ${recording} is ${status}${files.length > 0 ? `: ${files.join(", ")}` : ""}`);
  });
  lines.push(...errorLines(errors));
  if (result.result === "refused") {
    for (const { kind, name } of result.protected)
      lines.push(
        `${kind} ${oneLine(name)} is protected: declare it without protect and run rtc up, then this again (docs/teardown.md says how without a manifest)`,
      );
    for (const { room, people } of result.occupied)
      lines.push(`room ${oneLine(room)} is occupied (participants: ${people}): --force ends their call`);
    lines.push(`${project}/${stack}: rejected, nothing was touched`);
    return lines.join("\n");
  }
  for (const { kind, name, id } of left) lines.push(oneLine(`not deleted: ${kind} ${name} (${id})`));
  for (const id of remaining) lines.push(`orphaned at the vendor: ${oneLine(id)}`);
  const removed = result.removedStack ? ", the stack is removed" : "";
  // Another run deletes what is managed only.
  const sweep = "rtc sweep deletes the orphans";
  const next = left.length + errors.length > 0 ? "run it again" : sweep;
  const end = {
    absent: `there is no such stack${remaining.length > 0 ? `; ${sweep}` : ""}`,
    destroyed: `${deleted.length} deleted, nothing is left${removed}`,
    incomplete: `${deleted.length} deleted, not everything: ${next}`,
  };
  lines.push(`${project}/${stack}: ${end[result.result]}`);
  return lines.join("\n");
}
