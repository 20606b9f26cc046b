import { beforeEach, describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import type { PageInput } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";

let vendor: MemoryVendor;
let client: RtcClient;
beforeEach(() => {
  vendor = new MemoryVendor();
  client = localClient({}, { memory: () => memoryAdapter(vendor, ["eu"]) });
});
const make = (...names: string[]) => names.map((name) => vendor.make({ region: null, name }));
const namesOf = async (page: PageInput) => (await client.room.list(page)).items.map(({ name }) => name);

describe("room.list", () => {
  it("has every region's rooms, in the same order each time", async () => {
    make("b", "c", "a");
    vendor.make({ region: "eu", name: "a" });
    const { items, nextCursor } = await client.room.list();
    expect(items.map(({ room }) => room)).toEqual(["memory:a", "memory:b", "memory:c", "memory@eu:a"]);
    expect(nextCursor).toBeUndefined();
  });

  it("has 50 rooms a page, and 100 at most", async () => {
    make(...Array.from({ length: 130 }, (_, n) => `room-${n}`));
    expect(await namesOf({})).toHaveLength(50);
    expect(await namesOf({ limit: 130 })).toHaveLength(100);
    expect(await namesOf({ limit: 1 })).toHaveLength(1);
  });

  it("does not skip or repeat a room because others come and go between two pages", async () => {
    make("a", "b", "d", "e");
    const first = await client.room.list({ limit: 2 });
    vendor.lose({ region: null, name: "b" });
    make("aa", "c");
    const cursor = first.nextCursor ?? "";
    expect(await namesOf({ cursor })).toEqual(["c", "d", "e"]);
  });

  it("ends without a cursor, even where the last page is full", async () => {
    make("a", "b");
    expect(await client.room.list({ limit: 2 })).not.toHaveProperty("nextCursor");
    expect(await client.room.list()).not.toHaveProperty("nextCursor");
  });

  it("leaves out a room without a name, which others have created and which has no id", async () => {
    make("", "a", "b");
    expect(await namesOf({})).toEqual(["a", "b"]);
    const { items, nextCursor: cursor } = await client.room.list({ limit: 1 });
    expect(items.map(({ name }) => name)).toEqual(["a"]);
    expect(await namesOf({ cursor })).toEqual(["b"]);
    for (const ask of [client.room.get, client.room.find, client.room.delete, client.participant.list])
      for (const id of ["memory:", "memory@eu:"])
        await expect(ask(id)).rejects.toMatchObject({
          code: "INVALID_ARGUMENT",
          message: expect.stringContaining(`${id} has no name after the colon`),
        });
    expect(vendor.rooms.size).toBe(3);
  });

  it("is empty where there is nothing", async () => {
    expect(await client.room.list()).toEqual({ items: [] });
  });

  it("works with names of any kind", async () => {
    make("ü", "a b", "...", "team:core", "\n");
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.room.list({ limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names.sort()).toEqual(["\n", "...", "a b", "team:core", "ü"]);
  });

  it("reports a wrong cursor at its field", async () => {
    const issues = [{ path: "cursor", message: expect.stringContaining("pass nextCursor unchanged") }];
    await expect(client.room.list({ cursor: "made up" })).rejects.toMatchObject({ issues });
  });

  it.each([{ limit: 0 }, { limit: 1.5 }, { limit: "9" }, { cursor: "made up" }, { cursor: "" }, { page: 2 }])(
    "rejects %j",
    async (page) => {
      await expect(client.room.list(page as PageInput)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    },
  );
});
