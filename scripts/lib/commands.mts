import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The file of a command on the PATH; undefined where there is none. */
export function findCommand(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders
    .map((folder) => join(folder, name))
    .find((place) => {
      try {
        accessSync(place, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
