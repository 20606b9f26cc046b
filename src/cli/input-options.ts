import { type Command, Option } from "commander";
import type { z } from "zod";
import { object, seconds, whole } from "./values";

/** Options of a command that are fields of an input of the contract: their names, types and help come from its schema. */
export interface InputOptions<Fields> {
  addTo(command: Command): Command;
  /** The fields that were given. The client checks them. */
  read(options: object): Fields;
}

/**
 * Takes fields of an input as options. A field is called as in the schema, without `is`, `can` and `Seconds`; one that is
 * true by default is taken away with `--no-`; of a time in seconds, `15m` is as good as `900`.
 *
 * @param names what a field is called otherwise
 * @example inputOptions(tokenInput, ["ttlSeconds", "canPublish"]) // --ttl <time>, --no-publish
 */
export function inputOptions<Shape extends z.core.$ZodLooseShape, Field extends keyof Shape & string>(
  { shape }: z.ZodObject<Shape>,
  fields: readonly Field[],
  names: { [field in Field]?: string } = {},
): InputOptions<{ [field in Field]?: z.input<Shape[field]> }> {
  const options = fields.map((field) => [field, optionOf(field, shape[field], names[field])] as const);
  return {
    addTo: (command) => options.reduce((all, [, option]) => all.addOption(option), command),
    read: (given) => {
      const values = options.map(([field, option]) => [field, Reflect.get(given, option.attributeName())]);
      return Object.fromEntries(values);
    },
  };
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
