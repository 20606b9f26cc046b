import type { Command } from "commander";
import * as inputs from "../contract/inputs";
import { fieldName } from "../contract/wire";
import { loadOptions } from "./input-options";

/** What a manifest declares, and the inputs of each. */
const DECLARED = { room: inputs.roomResourceInput, recording: inputs.recordingManifestInput };

/**
 * Where an option belongs that no command has, but that is spelled as a field of the contract; undefined for any other.
 *
 * @param rejecting the command that does not have it
 * @param message of commander, which quotes the option
 * @example await placeOfOption(program, up, "error: unknown option '--ttl-seconds'") // "ttlSeconds is --ttl of rtc token"
 */
export async function placeOfOption(
  program: Command,
  rejecting: Command,
  message: string,
): Promise<string | undefined> {
  const name = /^error: unknown option '--(?:no-)?([A-Za-z_-]{1,64})(?:'|=)/.exec(message)?.[1] ?? "";
  const field = fieldName(name.replaceAll("-", "_"));
  const kinds = Object.entries(DECLARED).flatMap(([kind, { shape }]) =>
    Object.hasOwn(shape, field) ? [kind] : [],
  );
  const options: [Command, string][] = [];
  for (const command of commandsIn(program))
    for (const [own, { long }] of await loadOptions(command))
      if (own === field && long) options.push([command, long]);
  const here = options.find(([command]) => command === rejecting);
  if (here) return `${field} is ${here[1]} here`;
  const places = [
    ...(kinds.length > 0 ? [`a setting of a ${kinds.join(" and of a ")} in rtc.yaml`] : []),
    ...options.map(([command, long]) => `${long} of ${nameOf(command)}`),
  ];
  return places.length === 0 ? undefined : `${field} is ${places.join(", or ")}`;
}

function commandsIn(command: Command): Command[] {
  return command.commands.flatMap((inner) => [inner, ...commandsIn(inner)]);
}

/** A command as it is typed: `rtc rooms create`. */
function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}
