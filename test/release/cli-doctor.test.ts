import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";

/** What the command prints as JSON. */
interface Result {
  failed: number;
  checks: { check: string; status: string; message: string }[];
}

/** Makes the clock of a process five minutes fast. */
const FAST = `
const Real = Date;
const now = () => Real.now() + 300_000;
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length === 0 ? [now()] : given)); }
  static now() { return now(); }
};
`;

/** The checks before the stack exists, when all is well, and with a part of it wrong. */
async function play() {
  const [server, lonely] = await Promise.all([startLivekit({ egress: "worker" }), startLivekit()]);
  const folder = new RtcFolder(server.env);
  folder.manifest(
    "rooms: { hall: {} }",
    "recordings:",
    "  hall: { room: hall, audioOnly: true, outputUri: out/doctor/ }",
  );
  const doctor = async (code: number, env: Record<string, string | undefined> = {}) => {
    const { checks, failed } = await folder.json<Result>(code, "doctor", env);
    return {
      failed,
      ...Object.fromEntries(checks.map(({ check, status, message }) => [check, [status, message]])),
    };
  };
  const before = await doctor(0);
  await folder.run(0, "up");
  const withoutSecrets = await doctor(1, lonely.env);

  folder.write("Pulumi.yaml", "name: acme\nruntime: nodejs\n");
  await folder.shell("pulumi config set --secret acme:key value");
  folder.write("fast.cjs", FAST);
  // Without the CLI the checks of the vendors are quick.
  const noPulumi = { PATH: "/nowhere" };
  return {
    ...{ before, withoutSecrets },
    healthy: await folder.run(0, "doctor"),
    unreachable: await doctor(1, { PULUMI_CONFIG_PASSPHRASE: "wrong", LIVEKIT_URL: "ws://127.0.0.1:9" }),
    unnamed: await doctor(1, { PULUMI_STACK: undefined, LIVEKIT_API_KEY: undefined }),
    misconfigured: await doctor(1, { PULUMI_BACKEND_URL: undefined, RTC_VENDORS: "livkit" }),
    wrongKeys: await doctor(1, {
      ...noPulumi,
      LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more",
    }),
    fast: await doctor(1, { ...noPulumi, NODE_OPTIONS: `--require ${folder.dir}/fast.cjs` }),
    elsewhere: await doctor(1, { ...noPulumi, LIVEKIT_URL: `${server.url}/elsewhere` }),
  };
}

describe("rtc doctor", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("finds nothing wrong before the stack exists, and reports what could not be checked without it", () => {
    expect(s.before).toMatchObject({
      failed: 0,
      node: ["ok", process.version],
      pulumi: ["ok", expect.stringMatching(/^v3\./)],
      backend: ["ok", expect.stringContaining("file://")],
      stack: ["warning", "acme/dev does not exist yet: rtc up creates it"],
      secrets: ["unknown", "there is nothing to decrypt yet"],
      configuration: ["ok", "of the stack, and the environment"],
      "livekit address": ["ok", expect.stringMatching(/^http:.* answers$/)],
      "livekit keys": ["ok", "accepted"],
      "livekit recorder": ["unknown", expect.stringContaining("only when one is started")],
    });
  });

  test("prints a table where everything exists, and the result", () => {
    const lines = s.healthy.stdout.split("\n");
    expect(lines[0]).toMatch(/^CHECK +STATUS +FOUND$/);
    expect(lines.slice(1, 12).map((line) => line.split(/ {2,}/).slice(0, 2).join(": "))).toEqual([
      ...["node: ok", "pulumi: ok", "backend: ok", "stack: ok", "lock: ok", "secrets: ok"],
      "configuration: ok",
      ...["livekit address: ok", "livekit clock: ok", "livekit keys: ok", "livekit recorder: ok"],
    ]);
    expect(lines.slice(12)).toEqual(["", "checks: 11 in all", ""]);
  });

  test("warns of a server that cannot record, and of a passphrase that nothing checks", () => {
    expect(s.withoutSecrets).toMatchObject({
      failed: 1,
      stack: ["failed", expect.stringMatching(/^acme\/dev: livekit:hall belongs to http.* \(and 1 more\)$/)],
      secrets: ["unknown", "acme/dev stores none, so Pulumi does not check the passphrase"],
      "livekit recorder": ["warning", expect.stringContaining("without Redis")],
    });
  });

  test("distinguishes an unreachable server, wrong keys and a server that is not LiveKit", () => {
    expect(s.unreachable).toMatchObject({
      "livekit address": ["failed", expect.stringContaining("check rtc:livekitUrl (or LIVEKIT_URL)")],
      "livekit clock": ["unknown", expect.anything()],
      "livekit keys": ["unknown", expect.anything()],
      "livekit recorder": ["unknown", expect.anything()],
    });
    expect(s.wrongKeys).toMatchObject({
      "livekit address": ["ok", expect.anything()],
      "livekit keys": ["failed", expect.stringContaining("check rtc:livekitApiKey")],
    });
    expect(s.elsewhere).toMatchObject({
      "livekit address": ["failed", expect.stringContaining("is it a LiveKit server?")],
      "livekit keys": ["unknown", expect.anything()],
    });
  });

  test("finds a clock that is fast, with which the server rejects the keys", () => {
    expect(s.fast).toMatchObject({
      "livekit clock": ["failed", expect.stringMatching(/29\d s ahead of the server's: synchronise it/)],
      "livekit keys": ["failed", expect.stringContaining("this machine's clock")],
    });
  });

  test("finds a wrong passphrase, a missing login, a missing CLI and a wrong configuration", () => {
    expect(s.unreachable).toMatchObject({
      backend: ["ok", expect.anything()],
      secrets: ["failed", "PULUMI_CONFIG_PASSPHRASE is not the stack's"],
      configuration: ["ok", "of the environment alone"],
    });
    expect(s.misconfigured).toMatchObject({
      backend: ["failed", expect.stringContaining("requires a login: set PULUMI_ACCESS_TOKEN")],
      secrets: ["unknown", "it needs the backend"],
      configuration: ["failed", expect.stringContaining("did you mean livekit")],
      vendors: ["unknown", "the configuration is not valid"],
    });
    expect(s.wrongKeys).toMatchObject({
      pulumi: ["failed", expect.stringContaining("install the Pulumi CLI")],
      stack: ["unknown", "it needs the Pulumi CLI"],
    });
    expect(s.unnamed).toMatchObject({
      stack: ["unknown", expect.stringContaining("pass --stack")],
      "livekit keys": [
        "failed",
        expect.stringContaining("rtc:livekitApiKey (or LIVEKIT_API_KEY) is not set"),
      ],
    });
  });
});
