import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { repo } from "./clone.ts";
import type { Stack } from "./stack.ts";

/** Copies what npm would install. */
export function copyPackage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(repo, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(repo, "package.json"), join(folder, "package.json"));
}

/** Makes the package a folder of its own in the stack's node_modules, in place of what was there; returns the folder. */
export function install(stack: Stack): string {
  const folder = join(stack.dir, "node_modules/pulumi-rtc");
  rmSync(folder, { recursive: true });
  copyPackage(folder);
  symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"));
  return folder;
}
