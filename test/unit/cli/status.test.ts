import { describe, expect, test } from "vitest";
import { displayOn } from "../../../src/cli/report/display.ts";
import { statusText } from "../../../src/cli/report/status-report.ts";
import type { Deployment, Engine } from "../../../src/cli/stack/engine.ts";
import { decideRoomState, observeStatus, type StackStatus } from "../../../src/cli/stack/status.ts";
import { localClient } from "../../../src/client/local.ts";
import { RtcError, type VendorAdapter } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";

const open = { state: "open" as const, numParticipants: 2 };
const pending = { state: "pending" as const, numParticipants: 0 };

describe("A managed room is", () => {
  const observed = { isObserved: true, drift: null, closes: false, live: open };
  test.each([
    ["open where it is there", observed, "open"],
    ["open where it has drifted", { ...observed, drift: "changed" as const }, "open"],
    ["dormant where it has closed by itself", { ...observed, closes: true, live: undefined }, "dormant"],
    ["dormant where it is on demand, and empty", { ...observed, live: pending }, "dormant"],
    ["missing where that is drift", { ...observed, drift: "deleted" as const, live: undefined }, "missing"],
    [
      "missing where it was deleted after it was counted",
      { ...observed, drift: "deleted" as const },
      "missing",
    ],
    ["unknown where it was not observed", { ...observed, isObserved: false }, "unknown"],
    [
      "unknown, not missing, where its read failed",
      { ...observed, isObserved: false, live: undefined },
      "unknown",
    ],
    [
      "unknown where only its record is there",
      { ...observed, live: { ...pending, numParticipants: null } },
      "unknown",
    ],
    ["unknown where it was deleted meanwhile", { ...observed, live: undefined }, "unknown"],
  ] as const)("%s", (_name, given, state) => {
    expect(decideRoomState(given)).toBe(state);
  });
});

/** A room of the state, as it was made at the vendor. */
function roomIn(name: string, vendor: MemoryVendor, more: object = {}) {
  const inputs = { name, vendor: "memory", ...more };
  const settings = { emptyTimeoutSeconds: 2 ** 32 - 1, departureTimeoutSeconds: 2 ** 32 - 1 };
  const outputs = {
    ...{ ...inputs, room: `memory:${name}`, endpoint: vendor.endpoint, schemaVersion: 1 },
    ...{ vendorSettings: settings, ...more },
  };
  const type = "pulumi-nodejs:dynamic/rtc:RtcRoom";
  return { urn: `urn:pulumi:dev::acme::${type}::${name}`, type, id: `memory:${name}`, inputs, outputs };
}

function engineOf(state: Deployment, adapter: VendorAdapter): Engine {
  const engine = {
    ...{ project: "acme", name: "dev", client: () => localClient({}, { memory: () => adapter }) },
    ...{ settings: () => ({}), state: async () => state, lastRun: async () => undefined },
  };
  return engine as Partial<Engine> as Engine;
}

test("A stack is observed by its state: open, dormant and missing rooms by name, and those of another server as unknown", async () => {
  const vendor = new MemoryVendor();
  const client = localClient({}, { memory: () => memoryAdapter(vendor) });
  for (const name of ["there", "elsewhere"]) await client.room.create({ name, metadata: {} }, {});
  const resources = [
    roomIn("there", vendor),
    roomIn("asleep", vendor, { emptyTimeoutSeconds: 60 }),
    roomIn("gone", vendor),
    roomIn("elsewhere", new MemoryVendor("https://other.example")),
    { ...roomIn("read", vendor), external: true },
  ];
  const pending = [{ type: "creating", resource: roomIn("more", vendor) }];
  const found = await observeStatus(
    engineOf({ resources, pending_operations: pending }, memoryAdapter(vendor)),
  );
  expect(
    found.rooms.map(({ name, state, participants, drift }) => [name, state, participants, drift]),
  ).toEqual([
    ["asleep", "dormant", 0, null],
    ["elsewhere", "unknown", null, null],
    ["gone", "missing", 0, "deleted"],
    ["there", "open", 0, expect.anything()],
  ]);
  expect(found).toMatchObject({ project: "acme", stack: "dev", lastRun: null, pending: 1, drifted: true });
  expect(found.errors).toMatchObject([{ resource: "elsewhere", code: "ENDPOINT_MISMATCH" }]);
});

test("Where the vendor does not answer all is unknown, with the reason once, and nothing is missing", async () => {
  const vendor = new MemoryVendor();
  const down = () => Promise.reject(new RtcError("UNAVAILABLE", "it is down", { vendor: "memory" }));
  const adapter = { ...memoryAdapter(vendor), listRooms: down, getRoom: down };
  const found = await observeStatus(engineOf({ resources: [roomIn("hall", vendor)] }, adapter));
  expect(found.rooms).toEqual([
    { name: "hall", id: "memory:hall", state: "unknown", participants: null, drift: null },
  ]);
  expect(found.errors).toMatchObject([{ resource: "hall", code: "UNAVAILABLE" }]);
  // The number alone could not be read.
  await localClient({}, { memory: () => memoryAdapter(vendor) }).room.create({ name: "hall" }, {});
  const uncounted = { ...memoryAdapter(vendor), getRoom: down };
  const half = await observeStatus(engineOf({ resources: [roomIn("hall", vendor)] }, uncounted));
  expect(half.rooms).toMatchObject([{ state: "unknown", participants: null }]);
  expect(half.errors).toMatchObject([{ resource: "hall", code: "UNAVAILABLE" }]);
});

const room = { id: "memory:hall", participants: 2, drift: null };
const status: StackStatus = {
  project: "acme",
  stack: "dev",
  lastRun: {
    command: "up",
    result: "succeeded",
    startedAt: "2026-11-30T12:00:00Z",
    endedAt: "2026-11-30T12:00:09Z",
  },
  pending: 0,
  drifted: true,
  rooms: [
    { ...room, name: "hall", state: "open" },
    { ...room, name: "exam\u001b[2J", state: "missing", participants: 0, drift: "deleted" },
    { ...room, name: "lab", state: "unknown", participants: null },
  ],
  recordings: [
    { name: "hall", id: "memory:1", room: "memory:hall", status: "active", drift: null, files: [] },
  ],
  errors: [{ resource: "lab", message: "UNAVAILABLE: it is down", code: "UNAVAILABLE" }],
};

describe("A status is shown", () => {
  test("as the last run, two tables, the errors and a sum, with nothing that a terminal obeys", () => {
    expect(statusText(status).split("\n")).toEqual([
      "acme/dev: last run: up succeeded at 2026-11-30T12:00:09Z",
      "",
      "ROOM           STATE    PARTICIPANTS  DRIFT",
      "hall           open     2             -",
      "exam\\u{1b}[2J  missing  0             deleted",
      "lab            unknown  ?             -",
      "",
      "RECORDING  STATUS  ROOM         DRIFT  FILES",
      "hall       active  memory:hall  -      -",
      "",
      "lab: UNAVAILABLE: it is down",
      "3 rooms (1 open, 1 missing, 1 unknown), 2 participants, 1 recording (1 active), 1 drifted in what could be observed (rtc doctor finds what is in the way)",
    ]);
  });

  test("also where there is nothing yet, or a run was killed", () => {
    const none = { ...status, lastRun: null, rooms: [], recordings: [], errors: [], drifted: false };
    expect(statusText(none)).toBe("acme/dev: no run yet\n\n0 rooms, no drift");
    expect(statusText({ ...status, pending: 2 })).toContain(
      "; 2 operations unfinished: rtc up completes them\n",
    );
  });
});

describe("A display", () => {
  const on = (terminal: { isTTY?: boolean; rows?: number }) => {
    let written = "";
    const display = displayOn({
      ...terminal,
      write: (text: string | Uint8Array) => {
        written += String(text);
        return true;
      },
    });
    return {
      display,
      take: () => {
        const text = written;
        written = "";
        return text;
      },
    };
  };

  test("of no terminal has a block for each change, with an empty line between", () => {
    const { display, take } = on({});
    for (const text of ["a\nb", "a\nb", "a\nc"]) display.show(text);
    display.close();
    expect(take()).toBe("a\nb\n\na\nc\n");
  });

  test("of a terminal is drawn in place, cut to its rows, and obeys nothing in the text", () => {
    const { display, take } = on({ isTTY: true, rows: 4 });
    display.show("a\u001b[2J\nb");
    expect(take()).toBe("\u001b[2J\u001b[?7l\u001b[Ha\\u{1b}[2J\u001b[K\nb\u001b[K\n\u001b[J\u001b[?7h");
    display.show("1\n2\n3\n4");
    expect(take()).toBe("\u001b[?7l\u001b[H1\u001b[K\n2\u001b[K\n(2 more lines)\u001b[K\n\u001b[J\u001b[?7h");
    display.show("1\n2\n3\n4");
    expect(take()).toBe("");
  });
});
