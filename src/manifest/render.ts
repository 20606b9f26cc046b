import { stringify } from "yaml";
import type { Manifest } from "./manifest";

/** A manifest as YAML, which reads as the same manifest again. */
export function renderManifest({ project, rooms, recordings }: Manifest): string {
  const manifest = {
    apiVersion: "rtc/v1",
    project,
    rooms,
    ...(Object.keys(recordings).length === 0 ? {} : { recordings }),
  };
  // A dollar with a brace would be read as a reference.
  return stringify(escaped(manifest), { lineWidth: 0, aliasDuplicateObjects: false });
}

function escaped(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("${", () => "$${");
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
}
