import { describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { strayRecordings } from "../../../src/client/orphans.ts";
import { OWNER_KEY, ownershipTag } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";

/** A vendor with a room of each kind, and a recording of each. */
async function world() {
  const vendor = new MemoryVendor();
  const client = localClient({}, { memory: () => memoryAdapter(vendor, ["eu"]) });
  const tagOf = (project: string, stack: string) => ({
    [OWNER_KEY]: ownershipTag({ project, stack, urn: "urn:pulumi:dev::acme::rtc:RtcRoom::hall" }),
  });
  vendor.make({ region: null, name: "ours" }, { metadata: tagOf("acme", "dev") });
  vendor.make({ region: "eu", name: "ours" }, { metadata: tagOf("acme", "dev") });
  vendor.make({ region: null, name: "other-stack" }, { metadata: tagOf("acme", "prod") });
  vendor.make({ region: null, name: "other-project" }, { metadata: tagOf("umbrella", "dev") });
  vendor.make({ region: null, name: "by-hand" });
  const started: Record<string, string> = {};
  for (const room of ["ours", "memory@eu:ours", "other-stack", "other-project", "by-hand"]) {
    const { recording } = await client.recording.start({ room, outputUri: "s3://acme/" });
    started[room] = recording;
  }
  const findOrphans = async (managed: string[] = []) => {
    const found = await strayRecordings(client, { project: "acme", stack: "dev", known: managed });
    return found.map(({ recording }) => recording);
  };
  return { vendor, client, started, findOrphans };
}

describe("orphaned recordings", () => {
  it("are those of the stack's own rooms, in every region, and of no other stack's", async () => {
    const { started, findOrphans } = await world();
    expect(await findOrphans()).toEqual([started["ours"], started["memory@eu:ours"]]);
  });

  it("do not include those in the stack's state", async () => {
    const { started, findOrphans } = await world();
    expect(await findOrphans([started["ours"] ?? ""])).toEqual([started["memory@eu:ours"]]);
  });

  it("are none that have ended, nor those of a room that is gone", async () => {
    const { vendor, client, started, findOrphans } = await world();
    await client.recording.stop(started["ours"] ?? "");
    vendor.lose({ region: "eu", name: "ours" });
    expect(await findOrphans()).toEqual([]);
  });

  it("are none more once each of them is stopped", async () => {
    const { vendor, client, findOrphans } = await world();
    vendor.recorder.published({ region: null, name: "ours" });
    for (const recording of await findOrphans()) {
      let stopped = await client.recording.stop(recording);
      while (stopped?.status === "ending") stopped = await client.recording.find(recording);
    }
    expect(await findOrphans()).toEqual([]);
    expect((await client.recording.list({ active: true })).items).toHaveLength(3);
  });

  it("cost a listing of recordings and one of rooms for each region, however many there are", async () => {
    const { vendor, client, findOrphans } = await world();
    for (let more = 0; more < 10; more++)
      await client.recording.start({ room: "ours", outputUri: `s3://acme/${more}/` });
    vendor.calls.length = 0;
    expect(await findOrphans()).toHaveLength(12);
    expect(vendor.calls.sort()).toEqual([...["listRecordings", "listRecordings", "listRooms", "listRooms"]]);
  });
});
