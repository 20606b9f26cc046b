import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { hurry } from "../../support/twirp.ts";
import { account, adapterOnAgora, hall } from "./fixture.ts";

describe("an Agora that answers nonsense", () => {
  it("never makes more of it than an error, or a list of rooms or participants", async () => {
    hurry();
    const { server, config } = await adapterOnAgora();
    const count = fc.oneof(fc.nat(), fc.constantFrom<unknown>(-1, 1.5, "3", null, 1e300, {}));
    const uids = fc.oneof(fc.array(count, { maxLength: 5 }), count);
    const name = fc.oneof(fc.string(), count);
    const channels = fc.array(fc.record({ channel_name: name, user_count: count }, { requiredKeys: [] }), {
      maxLength: 3,
    });
    const data = fc.record(
      {
        channel_exist: fc.oneof(fc.boolean(), count),
        mode: count,
        total: count,
        users: uids,
        broadcasters: uids,
        audience: uids,
        audience_total: count,
        channels: fc.oneof(channels, count),
        total_size: count,
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.record({
        success: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>(true) }, count),
        data: fc.oneof({ weight: 5, arbitrary: data }, count),
      }),
      fc.record({
        status: fc.constantFrom<unknown>("success", "failure", 1),
        message: fc.oneof(fc.string(), count),
      }),
      fc.json(),
      fc.string(),
    );
    const status = fc.oneof(fc.constant(200), fc.constantFrom(201, 204, 302, 400, 404, 415, 418));
    await fc.assert(
      fc.asyncProperty(status, body, async (status, body) => {
        const adapter = agora.adapter({ ...config, ...account() }); // each with limits of its own
        server.faults.clear();
        server.faults.plan({ kind: "answer", status, body });
        const outcome = (call: Promise<unknown>) => call.catch((error: unknown) => error);
        for (const result of [
          await outcome(adapter.listRooms(null)),
          await outcome(adapter.listParticipants(hall)),
          await outcome(adapter.getRoom(hall)),
          await outcome(adapter.kickParticipant(hall, "7")),
        ]) {
          if (RtcError.isInstance(result))
            expect(["VENDOR_ERROR", "INVALID_ARGUMENT"]).toContain(result.code);
          else expect(() => JSON.stringify(result)).not.toThrow();
          expect(result).not.toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});
