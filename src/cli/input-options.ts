import { type Command, Option } from "commander";
import type { z } from "zod";
import type * as inputs from "../contract/inputs";
import { object, seconds, whole } from "./values";

/** The inputs of the contract, by the names of their schemas. */
type Inputs = {
  [Name in keyof typeof inputs as (typeof inputs)[Name] extends z.ZodObject
    ? Name
    : never]: (typeof inputs)[Name];
};
/** The fields of an input, some of which were given. */
type Given<Name extends keyof Inputs, Field extends keyof z.input<Inputs[Name]>> = Partial<
  Pick<z.input<Inputs[Name]>, Field>
>;

/** Options of a command that are fields of an input of the contract: their names, types and help come from its schema. */
export interface InputOptions<Fields> {
  /** Adds them when the command is to run or to show its help: no other one loads the schemas. */
  addTo(command: Command): Command;
  /** The fields that were given. The client checks them. */
  read(options: object): Fields;
}

/**
 * Takes fields of an input as options. A field is called as in the schema, without `is`, `can` and `Seconds`; one that is
 * true by default is taken away with `--no-`; of a time in seconds, `15m` is as good as `900`.
 *
 * @param names what a field is called otherwise
 * @example inputOptions("tokenInput", ["ttlSeconds", "canPublish"]) // --ttl <time>, --no-publish
 */
export function inputOptions<Name extends keyof Inputs, Field extends keyof z.input<Inputs[Name]> & string>(
  name: Name,
  fields: readonly Field[],
  names: { [field in Field]?: string } = {},
): InputOptions<Given<Name, Field>> {
  let options: (readonly [Field, Option])[] = [];
  const load = async (command: Command): Promise<FieldOptions> => {
    const shape: Record<string, z.ZodType> = (await import("../contract/inputs.js"))[name].shape;
    options = fields.flatMap((field) => {
      const schema = shape[field];
      return schema ? [[field, optionOf(field, schema, names[field])] as const] : [];
    });
    for (const [, option] of options) command.addOption(option);
    return options;
  };
  return {
    addTo(command) {
      let loading: Promise<FieldOptions> | undefined;
      const loadOnce = () => {
        loading ??= load(command);
        return loading;
      };
      loads.set(command, loadOnce);
      command.parent?.hook("preSubcommand", async (_parent, next) => {
        if (next === command) await loadOnce();
      });
      return command;
    },
    read: (given) =>
      Object.fromEntries(
        options.map(([field, option]) => {
          const value: unknown = Reflect.get(given, option.attributeName());
          // Without --no-publish commander gives true, where the input leaves the field out.
          return [field, option.negate && value === true ? undefined : value];
        }),
      ) as Given<Name, Field>,
  };
}

/** Options with the fields that they are. */
type FieldOptions = readonly (readonly [string, Option])[];

/** How each command gets its options from the contract. */
const loads = new WeakMap<Command, () => Promise<FieldOptions>>();

/** Adds the options of a command that does not run, as for its completion. Returns those that are fields of the contract. */
export async function loadOptions(command: Command): Promise<FieldOptions> {
  return (await loads.get(command)?.()) ?? [];
}

function optionOf(field: string, schema: z.ZodType, otherwise?: string): Option {
  const isTime = field.endsWith("Seconds");
  const words = field
    .replace(/^(is|can)(?=[A-Z])|Seconds$/g, "")
    .replace(/[A-Z]/g, "-$&")
    .toLowerCase();
  const name = otherwise ?? words.replace(/^-/, "");
  const { type, defaultValue } = typeOf(schema);
  const help = helpOf(schema.description ?? "", isTime);
  switch (type) {
    case "boolean":
      return defaultValue === true
        ? new Option(`--no-${name}`, help.replace(/^may /, "may not "))
        : new Option(`--${name}`, help);
    case "number":
      return new Option(`--${name} <${isTime ? "time" : "number"}>`, help).argParser(
        isTime ? seconds : whole,
      );
    case "custom":
      return new Option(`--${name} <json>`, help).argParser(object);
    default:
      return new Option(`--${name} <${words.replace(/^.*-/, "")}>`, help);
  }
}

/** The type of a field, and its default. */
function typeOf(schema: z.core.$ZodType): { type: string; defaultValue?: unknown } {
  const { def } = schema._zod as z.core.$ZodTypes["_zod"];
  if (def.type === "optional") return typeOf(def.innerType);
  return def.type === "default" ? { ...typeOf(def.innerType), defaultValue: def.defaultValue } : def;
}

/** The first sentence of a description as help, and its default. */
function helpOf(description: string, isTime: boolean): string {
  const [first = "", ...others] = description.replaceAll("`", "").split(/(?<=\.)\s+(?=[A-Z])/);
  const text = first.replace(/\.$/, "").replace("in seconds", isTime ? "in seconds or like 15m" : "$&");
  const value = others.map((one) => /^Default:? (.+)\.$/.exec(one)?.[1]).find((one) => one !== undefined);
  const isFlag = value === "true" || value === "false";
  const end = value === undefined || isFlag ? "" : ` (default: ${value})`;
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}${end}`;
}
