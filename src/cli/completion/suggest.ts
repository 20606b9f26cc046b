import type { Command, Option } from "commander";
import { loadOptions } from "../input-options";

/** What a word may be completed to. */
export interface Suggestion {
  value: string;
  description: string;
}

/** The names that a word may be, by what it is: `room`, `recording`, `stack`, `vendor`. */
export type Names = (what: string, options: NameOptions) => Promise<readonly string[]>;

/** The options of the command line that names depend on. */
export interface NameOptions {
  file?: string;
  stack?: string;
}

/**
 * What the last word of a command line may be completed to, by the commands of a program.
 *
 * @param words without the program's name; the last one is completed, and may be empty
 * @example await suggest(program, ["token", ""], names) // the rooms
 */
export async function suggest(
  program: Command,
  words: readonly string[],
  names: Names,
): Promise<Suggestion[]> {
  const typed = words.at(-1) ?? "";
  const { command, position, awaiting, given } = await walk(program, words.slice(0, -1));
  // bash makes a word of its own of the sign in `--stack=dev`.
  const begun = typed === "=" ? "" : typed;
  const [long = "", value] = begun.startsWith("--") ? begun.split(/=(.*)/s) : [];
  const joined = value === undefined ? undefined : findOption(command, long);
  const all = await (joined !== undefined
    ? valuesOf(joined, names, given, `${long}=`)
    : awaiting !== undefined
      ? valuesOf(awaiting, names, given)
      : begun.startsWith("-")
        ? optionsOf(command)
        : wordsOf(command, position, names, given));
  return all.filter((one) => one.value.startsWith(begun));
}

/** Where a command line has come to. */
interface Place {
  command: Command;
  /** How many arguments of the command are there. */
  position: number;
  /** The option whose value comes next. */
  awaiting: Option | undefined;
  given: NameOptions;
}

async function walk(program: Command, words: readonly string[]): Promise<Place> {
  const place: Place = { command: program, position: 0, awaiting: undefined, given: {} };
  const take = (option: Option | undefined, value: string) => {
    const name = option?.attributeName();
    if (name === "file" || name === "stack") place.given[name] = value;
  };
  for (const word of words) {
    if (word === "=") continue;
    if (place.awaiting !== undefined && !word.startsWith("-")) {
      take(place.awaiting, word);
      if (!place.awaiting.variadic) place.awaiting = undefined;
      continue;
    }
    place.awaiting = undefined;
    if (word.startsWith("-")) {
      const [flag = "", value] = word.split(/=(.*)/s);
      const option = findOption(place.command, flag);
      if (value !== undefined) take(option, value);
      else if (option?.required || option?.optional) place.awaiting = option;
      continue;
    }
    const inner = place.command.commands.find((one) => [one.name(), ...one.aliases()].includes(word));
    if (inner === undefined || place.position > 0) place.position += 1;
    else {
      place.command = inner;
      await loadOptions(inner);
    }
  }
  return place;
}

function findOption(command: Command, flag: string): Option | undefined {
  return command
    .createHelp()
    .visibleOptions(command)
    .find(({ long, short }) => flag === long || flag === short);
}

async function valuesOf(
  option: Option,
  names: Names,
  given: NameOptions,
  before = "",
): Promise<Suggestion[]> {
  const found = option.argChoices ?? (await names(option.attributeName(), given));
  return found.map((value) => ({ value: `${before}${value}`, description: "" }));
}

function optionsOf(command: Command): Suggestion[] {
  const options = command.createHelp().visibleOptions(command);
  return options.flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
}

/** The commands in a command, or the values of its next argument. */
async function wordsOf(
  command: Command,
  position: number,
  names: Names,
  given: NameOptions,
): Promise<Suggestion[]> {
  const inner = position > 0 ? [] : command.createHelp().visibleCommands(command);
  const commands = inner.map((one) => ({
    value: one.name(),
    description: one.summary() || one.description(),
  }));
  const argument = command.registeredArguments[position];
  const values = argument && (argument.argChoices ?? (await names(argument.name(), given)));
  return [...commands, ...(values ?? []).map((value) => ({ value, description: "" }))];
}
