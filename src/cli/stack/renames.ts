import { randomUUID } from "node:crypto";
import type { EarlierNames } from "../../manifest/declare";
import type { Engine } from "./engine";
import { exchangedIn } from "./moves";
import type { Managed } from "./stack-state";

/**
 * Gives resources that have exchanged their names those of the manifest in the state, after a run under the names of the
 * state. A circle is opened by a name that no manifest has. Where it is interrupted, what is left is a move of the next run.
 *
 * @returns the names in the state that still differ
 */
export async function renameExchanged(
  engine: Pick<Engine, "rename">,
  managed: readonly Managed[],
  earlier: EarlierNames,
): Promise<EarlierNames> {
  const exchanged = exchangedIn(earlier);
  for (const [kind, names] of [
    ["room", exchanged.rooms],
    ["recording", exchanged.recordings],
  ] as const) {
    const waiting = new Map(Object.entries(names).map(([name, before]) => [before, name]));
    const rename = async (from: string, to: string) => {
      const urn = managed.find((one) => one.kind === kind)?.urn ?? "";
      await engine.rename(`${urn.slice(0, urn.lastIndexOf("::") + 2)}${from}`, to);
    };
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
