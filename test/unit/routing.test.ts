import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localClient } from "../../src/client/local.ts";
import { type Capability, can, cannot, type VendorAdapter } from "../../src/contract/index.ts";
import { type Choice, explain, type RouteRequest } from "../../src/routing/route.ts";
import { MemoryVendor } from "../conformance/memory.ts";
import { memoryAdapter } from "../conformance/memory-adapter.ts";

interface Traits {
  records?: boolean;
  regions?: string[];
  missing?: boolean;
  shortNames?: boolean;
}

function vendor(
  name: string,
  { records = false, regions = [], missing, shortNames }: Traits = {},
): VendorAdapter {
  const good = memoryAdapter(new MemoryVendor(), regions);
  return {
    ...good,
    vendor: name,
    abilities: { ...good.abilities, "rtc.recording.start": records ? can : cannot("it has no recorder") },
    missing: () => (missing ? "its key is not set" : undefined),
    badName: (text) => (shortNames && text.length > 8 ? "it is too long" : undefined),
  };
}

const NEEDS: readonly Capability[] = ["rtc.room.create"];
const RECORDED: readonly Capability[] = ["rtc.room.create", "rtc.recording.start"];
const choose = (request: Partial<RouteRequest>, ...adapters: VendorAdapter[]) =>
  explain({ needs: NEEDS, ...request }, { adapters, disabled: [] });

describe("a request goes to", () => {
  it("the first vendor in order that can", () => {
    expect(choose({}, vendor("a"), vendor("b")).vendor).toBe("a");
    expect(choose({ needs: RECORDED }, vendor("a"), vendor("b", { records: true })).vendor).toBe("b");
  });

  it("the vendor that it names, or none", () => {
    expect(choose({ vendor: "b" }, vendor("a"), vendor("b")).vendor).toBe("b");
    expect(
      choose({ vendor: "b", needs: RECORDED }, vendor("a", { records: true }), vendor("b")).vendor,
    ).toBeNull();
  });

  it("no vendor without a reason for each one that was passed over", () => {
    const route = choose(
      { needs: RECORDED, region: "eu", name: "a-long-name" },
      vendor("mute"),
      vendor("elsewhere", { records: true, regions: ["us", "asia"] }),
      vendor("bare", { records: true, regions: ["eu"], missing: true }),
      vendor("terse", { records: true, regions: ["eu"], shortNames: true }),
      vendor("right", { records: true, regions: ["eu"] }),
    );
    expect(route).toEqual({
      vendor: "right",
      candidates: [
        { vendor: "mute", code: "UNSUPPORTED", reason: "cannot rtc.recording.start: it has no recorder" },
        {
          vendor: "elsewhere",
          code: "INVALID_ARGUMENT",
          reason: "has no region eu; there is us, asia",
          field: "region",
        },
        { vendor: "bare", code: "NOT_CONFIGURED", reason: "its key is not set" },
        {
          vendor: "terse",
          code: "INVALID_ARGUMENT",
          reason: "cannot carry the name: it is too long",
          field: "name",
        },
        { vendor: "right" },
      ],
    });
  });

  it("none that is disabled", () => {
    const choice = { adapters: [vendor("a"), vendor("b")], disabled: ["a"] };
    expect(explain({ needs: NEEDS }, choice)).toMatchObject({
      vendor: "b",
      candidates: [{ reason: "is disabled (rtc:disabledVendors)" }, {}],
    });
  });

  it("none that nobody knows", () => {
    const { candidates } = choose({ vendor: "livkit" }, vendor("a"), vendor("b"));
    expect(candidates).toMatchObject([
      { code: "INVALID_ARGUMENT", reason: expect.stringContaining("there is a, b") },
    ]);
  });

  it("the same vendor for the same request and configuration, with a reason for every other, always", () => {
    const traits = fc.record({
      records: fc.boolean(),
      regions: fc.subarray(["eu", "us"]),
      missing: fc.boolean(),
      shortNames: fc.boolean(),
    });
    const choices = fc
      .tuple(
        fc.uniqueArray(fc.constantFrom("a", "b", "c", "d")),
        fc.array(traits, { minLength: 4, maxLength: 4 }),
      )
      .map(([names, all]): VendorAdapter[] => names.map((name, index) => vendor(name, all[index])));
    const requests = fc.record({
      needs: fc.constantFrom(NEEDS, RECORDED),
      vendor: fc.option(fc.constantFrom("a", "b", "z"), { nil: undefined }),
      region: fc.option(fc.constantFrom("eu", "us", "mars")),
      name: fc.option(fc.constantFrom("short", "a-long-name"), { nil: undefined }),
    });
    const disabled = fc.subarray(["a", "b", "c"]);
    fc.assert(
      fc.property(requests, choices, disabled, (request, adapters, disabled) => {
        const choice: Choice = { adapters, disabled };
        const route = explain(request, choice);
        expect(explain(request, choice)).toEqual(route);
        const fitting = route.candidates.filter(({ reason }) => reason === undefined);
        expect(route.vendor).toBe(fitting[0]?.vendor ?? null);
        for (const candidate of route.candidates) expect("code" in candidate).toBe("reason" in candidate);
        if (route.vendor !== null) expect(disabled).not.toContain(route.vendor);
        if (request.vendor !== undefined) expect([request.vendor, null]).toContain(route.vendor);
        else
          expect(route.candidates.map(({ vendor }) => vendor)).toEqual(adapters.map(({ vendor }) => vendor));
      }),
    );
  });
});

describe("a client", () => {
  const both = { a: () => vendor("a", { missing: true }), b: () => vendor("b") };

  it("considers the vendors in the configured order", () => {
    const clients = [
      localClient({}, { a: () => vendor("a"), b: both.b }),
      localClient({ vendors: ["b"] }, both),
    ];
    expect(clients.map((client) => client.route({ needs: NEEDS }))).toEqual(["a", "b"]);
  });

  it("says every vendor's reason where none fits, under the code of the first", async () => {
    const client = localClient({}, both);
    const create = client.room.create({ name: "x", region: "mars" });
    await expect(create).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "a: has no region mars; there is none; b: has no region mars; there is none",
      issues: [{ path: "region", message: expect.stringContaining("mars") }],
    });
  });

  it("refuses a configured vendor that there is not", () => {
    expect(() => localClient({ vendors: ["a", "livkit"] }, both)).toThrow(
      "livkit is not a vendor of this version",
    );
  });

  it("says so where no vendor is configured", () => {
    const { vendor, candidates } = localClient({}, {}).explainRoute({ needs: NEEDS });
    expect([vendor, candidates]).toEqual([null, []]);
    expect(() => localClient({}, {}).route({ needs: NEEDS })).toThrow("no vendor is configured");
  });
});
