import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RtcConfig } from "../../src/client/config.ts";
import { localClient } from "../../src/client/local.ts";
import { everyVendor } from "../../src/client/vendors.ts";
import {
  type Capability,
  can,
  cannot,
  type RouteRequest,
  type VendorAdapter,
} from "../../src/contract/index.ts";
import { type Choice, explain } from "../../src/routing/route.ts";
import { MemoryVendor } from "../conformance/memory.ts";
import { memoryAdapter } from "../conformance/memory-adapter.ts";

interface Traits {
  records?: boolean;
  regions?: string[];
  missing?: boolean;
  shortNames?: boolean;
  /** Its rooms stay as long as it likes. */
  untimed?: boolean;
}

function vendor(
  name: string,
  { records = false, regions = [], missing, shortNames, untimed }: Traits = {},
): VendorAdapter {
  const good = memoryAdapter(new MemoryVendor(), regions);
  return {
    ...good,
    vendor: name,
    abilities: { ...good.abilities, "rtc.recording.start": records ? can : cannot("it has no recorder") },
    missing: () => (missing ? "its key is not set" : undefined),
    badSettings: ({ emptyTimeoutSeconds }) =>
      untimed && emptyTimeoutSeconds !== undefined ? { emptyTimeoutSeconds: "its rooms stay for a day" } : {},
    badName: (text) => (shortNames && text.length > 8 ? "it is too long" : undefined),
  };
}

const NEEDS: readonly Capability[] = ["rtc.room.create"];
const RECORDED: readonly Capability[] = ["rtc.room.create", "rtc.recording.start"];
const choose = (request: Partial<RouteRequest>, ...adapters: VendorAdapter[]) =>
  explain({ needs: NEEDS, ...request }, { adapters, unused: new Map() });

const SECRET = "rtc:livekitApiSecret (or LIVEKIT_API_SECRET)";

function messageOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

describe("a request goes to", () => {
  it("the first vendor in order that can", () => {
    expect(choose({}, vendor("a"), vendor("b")).vendor).toBe("a");
    expect(choose({ needs: RECORDED }, vendor("a"), vendor("b", { records: true })).vendor).toBe("b");
  });

  it("a vendor that records to some destinations only, unless it names another destination", () => {
    const good = vendor("a", { records: true });
    const badSettings = ({ outputUri }: { outputUri: string }) =>
      outputUri.startsWith("s3://") ? {} : { outputUri: "it records to s3:// only" };
    const a = { ...good, recordings: good.recordings && { ...good.recordings, badSettings } };
    const request = { needs: RECORDED, recording: { audioOnly: true } };
    expect(choose(request, a)).toEqual({ vendor: "a", candidates: [{ vendor: "a", fits: true }] });
    const elsewhere = { ...request, recording: { outputUri: "gs://acme/" } };
    expect(choose(elsewhere, a)).toMatchObject({ vendor: null, candidates: [{ field: "outputUri" }] });
  });

  it("the vendor that it names, or none, whether or not others would fit", () => {
    const a = vendor("a", { records: true });
    const explicit = choose({ vendor: "b" }, a, vendor("b"));
    expect(explicit).toEqual({
      vendor: "b",
      candidates: [
        { vendor: "a", fits: true },
        { vendor: "b", fits: true },
      ],
    });
    const impossible = choose({ vendor: "b", needs: RECORDED }, a, vendor("b"));
    expect(impossible).toMatchObject({
      vendor: null,
      candidates: [
        { vendor: "a", fits: true },
        { vendor: "b", fits: false },
      ],
    });
  });

  it("no vendor without a reason for each one that was skipped", () => {
    const route = choose(
      { needs: RECORDED, region: "eu", name: "a-long-name", settings: { emptyTimeoutSeconds: 60 } },
      vendor("mute"),
      vendor("elsewhere", { records: true, regions: ["us", "asia"] }),
      vendor("bare", { records: true, regions: ["eu"], missing: true }),
      vendor("terse", { records: true, regions: ["eu"], shortNames: true }),
      vendor("untimed", { records: true, regions: ["eu"], untimed: true }),
      vendor("right", { records: true, regions: ["eu"] }),
    );
    const no = { fits: false };
    expect(route).toEqual({
      vendor: "right",
      candidates: [
        {
          ...no,
          vendor: "mute",
          code: "UNSUPPORTED",
          reason: "cannot rtc.recording.start: it has no recorder",
        },
        {
          ...no,
          vendor: "elsewhere",
          code: "INVALID_ARGUMENT",
          reason: "has no region eu; there is us, asia",
          field: "region",
        },
        { ...no, vendor: "bare", code: "NOT_CONFIGURED", reason: "its key is not set" },
        {
          ...no,
          vendor: "terse",
          code: "INVALID_ARGUMENT",
          reason: "cannot carry the name: it is too long",
          field: "name",
        },
        {
          ...no,
          vendor: "untimed",
          code: "INVALID_ARGUMENT",
          reason: "cannot hold emptyTimeoutSeconds: its rooms stay for a day",
          field: "emptyTimeoutSeconds",
        },
        { vendor: "right", fits: true },
      ],
    });
  });

  it("no unknown one, and the one that was meant is named", () => {
    const { vendor: chosen, candidates } = choose({ vendor: "livkit" }, vendor("livekit"), vendor("b"));
    expect(chosen).toBeNull();
    expect(candidates.at(-1)).toEqual({
      vendor: "livkit",
      fits: false,
      code: "INVALID_ARGUMENT",
      reason: "is not a vendor of this version; did you mean livekit?",
      field: "vendor",
    });
  });

  it("none whose calls keep failing, while another fits", () => {
    const problem = (name: string) => (name === "b" ? undefined : "its last 5 calls have failed");
    const failing = (...names: string[]) => ({
      adapters: names.map((name) => vendor(name)),
      unused: new Map(),
      problem,
    });
    expect(explain({ needs: NEEDS }, failing("a", "b"))).toEqual({
      vendor: "b",
      candidates: [
        { vendor: "a", fits: true, reason: "its last 5 calls have failed" },
        { vendor: "b", fits: true },
      ],
    });
    expect(explain({ needs: NEEDS }, failing("a", "c")).vendor, "where all of them fail").toBe("a");
    expect(explain({ needs: NEEDS, vendor: "a" }, failing("a", "b")).vendor, "an explicit vendor").toBe("a");
    expect(explain({ needs: ["rtc.token.issue"] }, failing("a", "b")).vendor, "no new room").toBe("a");
  });
});

const NAMES = ["a", "b", "c", "d"];
const choices = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...NAMES)),
    traits: fc.array(
      fc.record({
        records: fc.boolean(),
        regions: fc.subarray(["eu", "us"]),
        missing: fc.boolean(),
        shortNames: fc.boolean(),
      }),
      { minLength: 4, maxLength: 4 },
    ),
    disabled: fc.subarray(NAMES),
    failing: fc.subarray(NAMES),
  })
  .map(({ names, traits, disabled, failing }): Choice => {
    // What a vendor is like hangs on its name, not on its place in the order.
    const adapters = names.map((name) => vendor(name, traits[NAMES.indexOf(name)]));
    const unused = new Map(disabled.map((name) => [name, "is disabled"]));
    return { adapters, unused, problem: (name) => (failing.includes(name) ? "it fails" : undefined) };
  });
const requests = fc.record({
  needs: fc.constantFrom(NEEDS, RECORDED),
  vendor: fc.option(fc.constantFrom("a", "b", "z"), { nil: undefined }),
  region: fc.option(fc.constantFrom("eu", "us", "mars")),
  name: fc.option(fc.constantFrom("short", "a-long-name"), { nil: undefined }),
});

describe("for every request, configuration and health", () => {
  const always = (holds: (request: RouteRequest, choice: Choice) => void) =>
    fc.assert(fc.property(requests, choices, holds));

  it("the answer is the same each time", () => {
    always((request, choice) => {
      const again = { ...choice, adapters: choice.adapters.map((adapter) => ({ ...adapter })) };
      expect(explain({ ...request }, again)).toEqual(explain(request, choice));
    });
  });

  it("every vendor is judged, with a reason where it does not fit, and with any explicit vendor", () => {
    always((request, choice) => {
      const { candidates } = explain(request, choice);
      const unpinned = explain({ ...request, vendor: undefined }, choice).candidates;
      expect(unpinned.map(({ vendor }) => vendor)).toEqual(choice.adapters.map(({ vendor }) => vendor));
      for (const { vendor, fits } of unpinned)
        expect(candidates.find((candidate) => candidate.vendor === vendor)?.fits).toBe(fits);
      for (const { fits, code, reason } of candidates)
        expect([code === undefined, fits || reason !== undefined]).toEqual([fits, true]);
    });
  });

  it("an explicit vendor is chosen, or none", () => {
    always((request, choice) => {
      if (request.vendor === undefined) return;
      const { vendor, candidates } = explain(request, choice);
      const { fits } = candidates.find((candidate) => candidate.vendor === request.vendor) ?? {};
      expect(vendor).toBe(fits ? request.vendor : null);
    });
  });

  it("without an explicit vendor the order decides among those that fit, the ones that are well first", () => {
    always((request, choice) => {
      const { vendor, candidates } = explain({ ...request, vendor: undefined }, choice);
      const fitting = candidates.filter(({ fits }) => fits);
      const well = fitting.filter(({ reason }) => reason === undefined);
      expect(vendor).toBe((well[0] ?? fitting[0])?.vendor ?? null);
    });
  });

  it("a vendor more at the end of the order moves no request that had one", () => {
    always((request, choice) => {
      const { vendor } = explain(request, { ...choice, adapters: choice.adapters.slice(0, -1) });
      const well = vendor !== null && choice.problem?.(vendor, null) === undefined;
      if (well) expect(explain(request, choice).vendor).toBe(vendor);
    });
  });
});

describe("a client", () => {
  const both = { a: () => vendor("a", { missing: true }), b: () => vendor("b") };
  const three = { ...both, c: () => vendor("c", { records: true }) };

  it("considers the vendors in the configured order, and none that is left out of it", () => {
    const wellKnown = { a: () => vendor("a"), b: both.b };
    expect(localClient({}, wellKnown).route({ needs: NEEDS })).toBe("a");
    expect(localClient({ vendors: ["b", "a"] }, wellKnown).route({ needs: NEEDS })).toBe("b");
    const client = localClient({ vendors: ["b"] }, wellKnown);
    expect(client.explainRoute({ needs: NEEDS, vendor: "a" })).toEqual({
      vendor: null,
      candidates: [
        { vendor: "b", fits: true },
        { vendor: "a", fits: false, code: "NOT_CONFIGURED", reason: "is not among rtc:vendors" },
      ],
    });
  });

  it("takes none that is disabled", () => {
    const client = localClient({ disabledVendors: ["b"] }, three);
    expect(client.explainRoute({ needs: NEEDS })).toMatchObject({
      vendor: "c",
      candidates: [{}, { vendor: "b", reason: "is disabled (rtc:disabledVendors)" }, {}],
    });
  });

  it("reports the reasons where none fits, under the code of the first that is configured, without the keys of others", async () => {
    const create = localClient({}, both).room.create({ name: "x", region: "mars" });
    await expect(create).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "b: has no region mars; there is none",
      issues: [{ path: "region", message: expect.stringContaining("mars") }],
    });
  });

  it("reports why an explicit vendor is impossible, and what the others could", () => {
    const client = localClient({}, three);
    expect(() => client.route({ needs: RECORDED, vendor: "b" })).toThrow(
      "b: cannot rtc.recording.start: it has no recorder; a: cannot rtc.recording.start: it has no recorder; c: fits",
    );
    const unset = localClient({}, { ...both, c: () => vendor("c", { records: true, missing: true }) });
    expect(() => unset.route({ needs: RECORDED, vendor: "b" })).toThrow("c: can, but its key is not set");
  });

  it.each(["vendors", "disabledVendors"])("rejects %s with a vendor that there is not", (key) => {
    expect(() => localClient({ [key]: ["a", "livkit"] }, both)).toThrow(
      `${key}: livkit is not a vendor of this version`,
    );
  });

  it("rejects a question that makes no sense, with all that is wrong", () => {
    const ask = () => localClient({}, both).explainRoute({ needs: ["rtc.room.paint"], zone: 1 } as never);
    expect(ask).toThrow(/needs\[0\]: is not known: there is rtc\.room\.create[\s\S]*zone: is not known/);
  });

  it.each<[string, RtcConfig, string]>([
    [
      "a vendor in part: its missing keys",
      { livekitUrl: "wss://x", livekitApiKey: "k" },
      `livekit: ${SECRET} is not set`,
    ],
    [
      "two vendors in part: those of both",
      { livekitUrl: "wss://x", livekitApiKey: "k", zegoAppId: 1 },
      `livekit: ${SECRET} is not set; zego: rtc:zegoServerSecret (or ZEGO_SERVER_SECRET) is not set`,
    ],
    [
      "which vendors may be used: those of that one",
      { vendors: ["zego"] },
      "zego: rtc:zegoAppId (or ZEGO_APP_ID), rtc:zegoServerSecret (or ZEGO_SERVER_SECRET) are not set",
    ],
    [
      "nothing: those of the first vendor, and where those of the others are",
      {},
      `livekit: rtc:livekitUrl (or LIVEKIT_URL), rtc:livekitApiKey (or LIVEKIT_API_KEY), ${SECRET} are not set. No vendor is configured; "rtc vendors" lists the keys of agora and zego too`,
    ],
  ])("reports of a configuration that has %s", (_what, config, message) => {
    // Whatever other vendors there are: one of them may need no key.
    const own = ["livekit", "agora", "zego"].flatMap((name) => {
      const factory = everyVendor[name];
      return factory ? [[name, factory] as const] : [];
    });
    const client = () => localClient(config, Object.fromEntries(own));
    expect(messageOf(() => client().route({ needs: NEEDS }))).toBe(message);
  });

  it("names who could record where the configured vendor cannot", () => {
    const agora = { agoraAppId: "0".repeat(32), agoraAppCertificate: "0".repeat(32) };
    const message = messageOf(() => localClient(agora).route({ needs: RECORDED }));
    expect(message).toMatch(
      /^livekit: can, but rtc:livekitUrl .* are not set; agora: cannot rtc.recording.start/,
    );
  });

  it("names no vendor that the user does not have, and what a key would repair before what none does", () => {
    const livekit = { livekitUrl: "wss://x", livekitApiKey: "k" };
    const list: RouteRequest = { needs: ["rtc.room.list"] };
    // Whatever other vendors there are: one of them may need no key.
    const own = Object.fromEntries(
      Object.entries(everyVendor).filter(([name]) => ["livekit", "agora", "zego"].includes(name)),
    );
    expect(messageOf(() => localClient(livekit, own).route(list))).toBe(`livekit: ${SECRET} is not set`);

    const agora = { agoraAppId: "0".repeat(32), agoraAppCertificate: "0".repeat(32) };
    const record = () => localClient({ ...livekit, ...agora }, own).route({ needs: ["rtc.recording.start"] });
    expect(record).toThrow(expect.objectContaining({ code: "NOT_CONFIGURED" }));
    expect(messageOf(record)).toMatch(/^livekit: .* is not set; agora: cannot rtc\.recording\.start/);
  });

  it("reports it where there is no vendor at all", () => {
    const { vendor, candidates } = localClient({}, {}).explainRoute({ needs: NEEDS });
    expect([vendor, candidates]).toEqual([null, []]);
    expect(() => localClient({}, {}).route({ needs: NEEDS })).toThrow("no vendor is configured");
  });
});
