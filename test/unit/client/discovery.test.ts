import { describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { CAPABILITIES, type Capability } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter, renamed } from "../../conformance/memory-vendors.ts";

const vendor = new MemoryVendor();
const registry = {
  kept: () => renamed(memoryAdapter(vendor), "kept"),
  brief: () => fleetingAdapter(vendor, { vendor: "brief", hasKeys: false }),
  remote: () => ({
    ...renamed(memoryAdapter(vendor, ["eu"]), "remote"),
    missing: (region: string | null) => (region === null ? "its address is not set" : undefined),
  }),
};

describe("discover", () => {
  it("reports of every vendor whether it is available, or why not", async () => {
    const client = localClient({ vendors: ["brief", "remote", "kept"], disabledVendors: ["kept"] }, registry);
    expect(await client.discover("rtc.participant.list")).toEqual({
      capability: "rtc.participant.list",
      vendors: [
        { vendor: "brief", available: false, reason: "its server key is not set" },
        { vendor: "remote", available: true },
        { vendor: "kept", available: false, reason: "is disabled (rtc:disabledVendors)" },
      ],
    });
    expect(await client.discover("rtc.recording.start")).toMatchObject({
      vendors: [{ reason: expect.stringMatching(/^cannot rtc.recording.start: /) }, {}, {}],
    });
    expect(vendor.calls).toEqual([]);
  });

  it("agrees with routing for every capability", async () => {
    const client = localClient({}, registry);
    for (const capability of CAPABILITIES) {
      const { vendors } = await client.discover(capability);
      const regions = [null, "eu"];
      const routed = ["kept", "brief", "remote"].map((name) => ({
        vendor: name,
        available: regions.some(
          (region) => client.explainRoute({ needs: [capability], vendor: name, region }).vendor === name,
        ),
      }));
      expect(vendors, capability).toMatchObject(routed);
    }
  });

  it("rejects what is no capability, and lists those that there are", async () => {
    for (const wrong of ["rtc.room.paint", "", 7, undefined]) {
      const discover = localClient({}, registry).discover(wrong as Capability);
      await expect(discover).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(CAPABILITIES.join(", ")),
      });
    }
  });
});
