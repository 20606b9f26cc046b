import fc from "fast-check";
import { describe, it } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import type { Fault } from "../../emulators/faults.ts";
import { inVirtualTime, place, SECRET, zegoWith } from "./fixture.ts";

/** Of the right names, with anything in them. */
const nearly = fc.record(
  {
    Code: fc.oneof(fc.constant(0), fc.constantFrom(1, 2, 206, 5018, 50001, 100000005), fc.jsonValue()),
    Message: fc.oneof(fc.string(), fc.jsonValue()),
    RequestId: fc.oneof(fc.string(), fc.jsonValue()),
    Data: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          Marker: fc.oneof(fc.constant(""), fc.string(), fc.jsonValue()),
          UserList: fc.oneof(
            fc.jsonValue(),
            fc.array(fc.record({ UserId: fc.jsonValue(), UserName: fc.jsonValue() })),
          ),
          UserCountList: fc.oneof(
            fc.jsonValue(),
            fc.array(fc.record({ RoomId: fc.jsonValue(), UserCount: fc.oneof(fc.double(), fc.jsonValue()) })),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  nearly,
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string(),
);
const status = fc.oneof(
  fc.constant(200),
  fc.integer({ min: 200, max: 599 }).filter((code) => code !== 204 && code !== 205 && code !== 304),
);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant("answer" as const), status, body }),
  fc.constantFrom<Fault>(
    { kind: "reset" },
    { kind: "truncated" },
    { kind: "lost" },
    { kind: "huge", bytes: 2 ** 21 },
  ),
);

describe("whatever answers in place of ZEGO", () => {
  it("ends every call, with plain data or with an error of ours that holds no secret", async () => {
    await inVirtualTime(async () => {
      const { adapter, server } = await zegoWith();
      await fc.assert(
        fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 4 }), async (faults) => {
          server.join("hall", "alice");
          const calls = [
            () => adapter.getRoom(place("hall")),
            () => adapter.listRooms(null, ["hall", "lobby"]),
            () => adapter.listParticipants(place("hall")),
            () => adapter.kickParticipant(place("hall"), "alice"),
            () => adapter.deleteRoom(place("hall")),
          ];
          for (const call of calls) {
            server.faults.clear();
            for (const one of faults) server.faults.plan(one, { times: 1 });
            const answer: unknown = await call().catch((error: unknown) => error);
            const text = JSON.stringify(answer) ?? "";
            if (text.includes(SECRET)) throw new Error("The secret is in the answer.");
            if (answer instanceof Error && !RtcError.isInstance(answer)) throw answer;
          }
        }),
        { numRuns: 60 },
      );
    });
  }, 60_000);
});
