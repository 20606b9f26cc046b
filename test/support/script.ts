import { resolve } from "node:path";
import { run } from "../../scripts/lib/process.mts";
import type { LivekitServer } from "./livekit.ts";

const repo = resolve(__dirname, "../..");

/**
 * Runs an ES module in a Node process of its own, as a script of a user's, with `client` and `RtcError` from the
 * built package; returns the JSON of what `answer` was called with.
 */
export async function runScript(server: LivekitServer, source: string): Promise<unknown> {
  const script = `
    import { createClient, RtcError } from "pulumi-rtc";
    const client = createClient();
    const answer = (value) => console.log(JSON.stringify(value));
    const codeOf = (promise) => promise.then(() => "none", (error) => RtcError.isInstance(error) && error.code);
    ${source}
  `;
  const env = { PATH: process.env["PATH"], ...server.env };
  const args = ["--input-type=module", "--eval", script];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: repo, env });
  if (code !== 0) throw new Error(`The script exited with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}
