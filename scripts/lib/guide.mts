import { relative } from "node:path";
import pc from "picocolors";
import type * as rtc from "../../src/index.ts";
import { places, root, type Settings } from "./local.mts";
import { pageAddress } from "./page.mts";
import { type Environment, stackTitle } from "./stack.mts";

/** The stack's outputs: ids by resource name. */
export interface Outputs {
  rooms?: Record<string, string>;
  recordings?: Record<string, string>;
}

/** Prints the rooms and recordings, how to join one, and where to go from there. */
export async function printGuide(
  { rooms = {}, recordings = {} }: Outputs,
  settings: Settings,
  env: Environment,
  page: string | undefined,
): Promise<void> {
  const url = env["LIVEKIT_URL"] ?? "";
  const client = await createClient(env);
  const width = Math.max(0, ...Object.keys(rooms).map((name) => name.length));
  const lines = [pc.bold(`Rooms on ${url}`)];
  let join: { name: string; token: string } | undefined;
  for (const [name, id] of Object.entries(rooms)) {
    const room = await client.room.find(id, { shared: true });
    lines.push(
      `  ${name.padEnd(width)}  ${id}${room ? "" : "  (closed after its timeout; opens for the next guest)"}`,
    );
    // From the record and not by name: such a token brings the room back as it was declared, should it close.
    if (room && !join) join = { name, token: (await client.token.issue({ room, identity: "guest" })).token };
  }
  if (width === 0) lines.push("  none: declare some in rtc.yaml");
  for (const [name, id] of Object.entries(recordings)) {
    const recording = await client.recording.find(id);
    const status = recording?.status ?? "known no longer";
    const hint = status === "starting" ? " until a participant publishes" : "";
    lines.push(`  recording ${name}  ${id}  ${status}${hint}`);
  }
  if (join) {
    const { name, token } = join;
    lines.push(
      "",
      pc.bold(`Join ${name} (this token is good for an hour)`),
      `  server   ${url}`,
      `  token    ${token}`,
    );
  }
  if (page !== undefined && settings.page)
    lines.push(
      "",
      pc.bold("See who is in the rooms, and join them, in a browser on this machine"),
      `  ${pageAddress(page, settings.page.key, { name: await stackTitle(), rooms: Object.values(rooms) })}`,
    );
  const broken = page === undefined ? [`  the page does not start    ${relative(root, places.pageLog)}`] : [];
  const log = settings.livekit ? [`  see what the server does   ${relative(root, places.liveKitLog)}`] : [];
  lines.push(
    "",
    pc.bold("Go on"),
    "  change the rooms           edit rtc.yaml, then npm run up",
    `  use the Pulumi CLI         . ${relative(root, places.shell)} && pulumi preview --refresh`,
    ...log,
    ...broken,
    "  take all of it down        npm run down",
  );
  process.stdout.write(`\n${lines.join("\n")}\n`);
}

async function createClient(env: Environment): Promise<rtc.RtcClient> {
  const packageName: string = "pulumi-rtc"; // as built: the compiler must not resolve it before that
  const built = (await import(packageName)) as typeof rtc;
  return built.createClient({
    livekitUrl: env["LIVEKIT_URL"],
    livekitApiKey: env["LIVEKIT_API_KEY"],
    livekitApiSecret: env["LIVEKIT_API_SECRET"],
  });
}
