import { randomUUID } from "node:crypto";
import type { EarlierNames } from "../../manifest/declare";
import type { Engine } from "./engine";
import { exchangedIn } from "./moves";
import { managedIn } from "./stack-state";

/**
 * Gives resources that have exchanged their names those of the manifest in the state, after a run under the names of the
 * state. A circle is opened by a name that no manifest has. Where it is interrupted, what is left is a move of the next run.
 * A resource that the run could not create has no name in the state.
 *
 * @returns the names in the state that still differ
 */
export async function renameExchanged(
  engine: Pick<Engine, "rename" | "state">,
  earlier: EarlierNames,
): Promise<EarlierNames> {
  const exchanged = exchangedIn(earlier);
  const isExchanging = Object.keys({ ...exchanged.rooms, ...exchanged.recordings }).length > 0;
  const managed = isExchanging ? managedIn(await engine.state()) : [];
  for (const [kind, names] of [
    ["room", exchanged.rooms],
    ["recording", exchanged.recordings],
  ] as const) {
    const urns = new Map(managed.filter((one) => one.kind === kind).map(({ name, urn }) => [name, urn]));
    const all = Object.entries(names).map(([name, before]) => [before, name] as const);
    const waiting = new Map(all.filter(([before]) => urns.has(before)));
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
    rooms: without(earlier.rooms, exchanged.rooms),
    recordings: without(earlier.recordings, exchanged.recordings),
  };
}
