import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Issue } from "../contract";
import { Source } from "./source";

/** A stack's configuration as its file has it, read without Pulumi. */
export interface StackConfig {
  /** The value of a key of this package, e.g. `s3Endpoint`; undefined where it is absent or encrypted. */
  get(key: string): string | undefined;
  /** A problem of a key (`rtc:s3Endpoint`) with its location in the file; one of a variable as it is. */
  locate(issue: Issue): Issue;
}

const settings = z.object({ config: z.record(z.string(), z.unknown()) }).catch({ config: {} });

/** Reads `Pulumi.<stack>.yaml` in a folder; without a stack or a file nothing is configured. */
export function readStackConfig(folder: string, stack: string | undefined): StackConfig {
  const file = `Pulumi.${stack}.yaml`;
  if (stack === undefined || !existsSync(join(folder, file)))
    return { get: () => undefined, locate: (issue) => issue };
  const source = new Source(readFileSync(join(folder, file), "utf8"), file, {});
  const { config } = settings.parse(source.readable ? source.value() : {});
  return {
    get: (key) => textOf(config[`rtc:${key}`]),
    locate: (issue) => {
      const key = /^rtc:\w+/.exec(issue.path)?.[0];
      if (key === undefined || config[key] === undefined) return issue;
      return {
        ...issue,
        file,
        ...source.positionOf(source.offsetOf({ path: ["config", key], message: "" })),
      };
    },
  };
}

/** A value as Pulumi passes it on: a text, or JSON. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") return String(value);
  return "secure" in value ? undefined : JSON.stringify(value);
}
