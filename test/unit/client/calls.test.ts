import { describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { RtcError } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter } from "../../conformance/memory-vendors.ts";

const NONSENSE: unknown[] = [
  undefined,
  null,
  7,
  "",
  "text",
  [],
  {},
  { room: 7 },
  { room: {} },
  { room: null },
];

/** Each call of the client, given something that no type would let through. */
const CALLS: Record<string, (client: RtcClient, input: never) => Promise<unknown>> = {
  "room.create": (client, input) => client.room.create(input),
  "room.get": (client, input) => client.room.get(input),
  "room.update": (client, input) => client.room.update("hall", input),
  "room.delete": (client, input) => client.room.delete(input),
  "token.issue": (client, input) => client.token.issue(input),
  "token.issue with a record": (client, input) => client.token.issue({ room: input, identity: "alice" }),
  "token.issue with half a record": (client, input) =>
    client.token.issue({ room: { room: "memory:hall", metadata: input } as never, identity: "alice" }),
  "recording.start": (client, input) => client.recording.start(input),
  "recording.start somewhere": (client, input) =>
    client.recording.start({ room: "hall", outputUri: input, audioOnly: input }),
  "recording.stop": (client, input) => client.recording.stop(input),
  "recording.get": (client, input) => client.recording.get(input),
  "recording.find": (client, input) => client.recording.find(input, { shared: true }),
  "recording.list": (client, input) => client.recording.list(input),
  "recording.list of a room": (client, input) => client.recording.list({ room: input, active: input }),
  "recording.update": (client, input) => client.recording.update("memory:EG_1", input),
  "participant.list": (client, input) => client.participant.list(input),
  "participant.kick": (client, input) => client.participant.kick(input),
  discover: (client, input) => client.discover(input),
  explainRoute: async (client, input) => client.explainRoute(input),
  "explainRoute of a place": async (client, input) =>
    client.explainRoute({ needs: [], vendor: input, region: input, name: input }),
};

describe("a program in JavaScript that passes nonsense", () => {
  it.each(Object.entries(CALLS))(
    "gets an answer or an RtcError from %s, never a crash",
    async (_name, call) => {
      for (const input of NONSENSE) {
        const client = localClient({}, { memory: () => memoryAdapter(new MemoryVendor()) });
        const error = await call(client, input as never).catch((reason: unknown) => reason);
        if (error instanceof Error)
          expect(RtcError.isInstance(error), `${JSON.stringify(input)}: ${error}`).toBe(true);
      }
    },
  );
});

describe("participant.kick", () => {
  it("takes a room by id or name, and rejects what is no input", async () => {
    const vendor = new MemoryVendor();
    const client = localClient({}, { memory: () => memoryAdapter(vendor) });
    for (const room of ["hall", "memory:hall"]) {
      vendor.enter({ region: null, name: "hall" }, "alice");
      await client.participant.kick({ room, identity: "alice" });
      expect(vendor.room({ region: null, name: "hall" })?.inside).toEqual([]);
    }
    const wrong = client.participant.kick({ room: "hall", identity: "", force: true } as never);
    await expect(wrong).rejects.toMatchObject({ issues: [{ path: "identity" }, { path: "force" }] });
  });
});

describe("redact", () => {
  it("takes out the secrets of every vendor, used or not", () => {
    const registry = {
      memory: () => memoryAdapter(new MemoryVendor()),
      disabled: () => fleetingAdapter(new MemoryVendor(), { vendor: "disabled" }),
      unlisted: () => fleetingAdapter(new MemoryVendor(), { vendor: "unlisted" }),
    };
    const client = localClient({ vendors: ["memory", "disabled"], disabledVendors: ["disabled"] }, registry);
    const text = "memory-vendor-secret, memory-storage-key, disabled-secret, unlisted-secret";
    expect(client.redact(text)).toBe("[redacted], [redacted], [redacted], [redacted]");
  });

  const secretOf = new MemoryVendor().secret;
  const client = localClient({}, { memory: () => memoryAdapter(new MemoryVendor()) });

  it("takes the configured secrets and every token out of a text", () => {
    const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl-_";
    expect(client.redact(`sent ${secretOf} and ${token}, twice: ${token}`)).toBe(
      "sent [redacted] and [redacted token], twice: [redacted token]",
    );
  });

  it("leaves all other text as it is", () => {
    expect(client.redact("there is no room livekit:standup")).toBe("there is no room livekit:standup");
  });
});
