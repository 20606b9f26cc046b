import { Problem } from "./problem.mts";

const names = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"] as const;

/** Whether the environment names a LiveKit server of the user's own. All three variables belong together. */
export function hasOwnServer(): boolean {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === 0) return true;
  if (missing.length === names.length) return false;
  throw new Problem(
    `${missing.join(" and ")} not set, but ${names.filter((name) => !missing.includes(name)).join(" and ")}.`,
    "Set all three to use a LiveKit server of your own, or none to get one that is started here.",
  );
}
