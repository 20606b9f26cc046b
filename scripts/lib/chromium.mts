import { findCommand } from "./commands.mts";

/** The Chromium of this machine; undefined where the PATH has none. */
export function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
  return names.map(findCommand).find((place) => place !== undefined);
}
