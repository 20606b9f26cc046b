import { readdirSync } from "node:fs";
import type { NameOptions } from "./suggest";

/**
 * The names that a word of the command line may be, from the folder alone: without the engine and the network. None where
 * they cannot be read, as of a manifest that is not valid.
 */
export async function namesHere(what: string, options: NameOptions): Promise<readonly string[]> {
  try {
    switch (what) {
      case "stack":
        return stacksIn(process.cwd());
      case "room":
      case "recording":
        return await declaredNames(what, options);
      case "vendor":
        return Object.keys((await import("../../client/vendors.js")).everyVendor);
      default:
        return [];
    }
  } catch {
    return [];
  }
}

/** The stacks with an overlay or with settings. */
function stacksIn(folder: string): string[] {
  const stacks = readdirSync(folder).map((name) => /^(?:rtc|Pulumi)\.(.+)\.ya?ml$/.exec(name)?.[1]);
  return [...new Set(stacks.filter((stack) => stack !== undefined))].sort();
}

/** The names of a manifest: of rooms those at the vendor, which are no other than the resources' by default. */
async function declaredNames(kind: "room" | "recording", { file, stack }: NameOptions): Promise<string[]> {
  const { loadManifest } = await import("../../manifest/load.js");
  const named = stack ?? process.env["PULUMI_STACK"];
  const short = named?.slice(named.lastIndexOf("/") + 1) || undefined;
  const { manifest } = loadManifest({ folder: process.cwd(), file, stack: short });
  if (kind === "recording") return Object.keys(manifest.recordings);
  return Object.entries(manifest.rooms).map(([resource, { name = resource }]) => name);
}
