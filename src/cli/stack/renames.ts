import { randomUUID } from "node:crypto";
import type { EarlierNames } from "../../manifest/declare";
import type { Engine } from "./engine";
import { type Moves, registeredAsBefore } from "./moves";
import { managedIn } from "./stack-state";

/**
 * Gives resources that a run has registered under the names of the state those of the manifest. A circle is opened by a name
 * that no manifest has. Where it is interrupted, what is left is a move of the next run. A resource that the run could not
 * create has no name in the state.
 *
 * @returns the names in the state that still differ
 */
export async function renameInState(
  engine: Pick<Engine, "rename" | "state">,
  moves: Pick<Moves, "registered" | "kept">,
): Promise<EarlierNames> {
  const earlier = moves.registered;
  const all = registeredAsBefore(moves);
  const isRenaming = Object.keys({ ...all.rooms, ...all.recordings }).length > 0;
  const managed = isRenaming ? managedIn(await engine.state()) : [];
  for (const [kind, names] of [
    ["room", all.rooms],
    ["recording", all.recordings],
  ] as const) {
    const urns = new Map(managed.filter((one) => one.kind === kind).map(({ name, urn }) => [name, urn]));
    const before = Object.entries(names).map(([name, one]) => [one, name] as const);
    const waiting = new Map(before.filter(([one]) => urns.has(one)));
    const [urn = ""] = urns.values();
    const rename = (from: string, to: string) =>
      engine.rename(`${urn.slice(0, urn.lastIndexOf("::") + 2)}${from}`, to);
    while (waiting.size > 0) {
      const next = [...waiting].find(([, to]) => !waiting.has(to));
      const [from = "", to = ""] = next ?? [...waiting][0] ?? [];
      waiting.delete(from);
      if (next) {
        await rename(from, to);
        continue;
      }
      const between = `${to}-${randomUUID()}`;
      await rename(from, between);
      waiting.set(between, to);
    }
  }
  const without = (all: Readonly<Record<string, string>>, done: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => done[name] === undefined));
  return {
    rooms: without(earlier.rooms, all.rooms),
    recordings: without(earlier.recordings, all.recordings),
  };
}
