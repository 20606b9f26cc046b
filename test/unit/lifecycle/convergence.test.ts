import fc from "fast-check";
import { expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { NEVER, type RoomResourceInput, RtcError } from "../../../src/contract/index.ts";
import { Engine } from "../../conformance/engine.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { at } from "./fixture.ts";

const HALL = at("hall");

/** Something that happens to a declared room, by us or by others. */
type Happening =
  | { what: "up"; declared: RoomResourceInput }
  | { what: "refresh" | "lose" | "enter" | "leave" | "killed" }
  | { what: "edit"; metadata: { [key: string]: number } | null }
  | { what: "remake"; maxParticipants: number | null; timeout: number };

const metadata = fc.constantFrom<{ [key: string]: number }>({}, { a: 1 }, { b: 2 });
const declared: fc.Arbitrary<RoomResourceInput> = fc.record(
  {
    maxParticipants: fc.constantFrom(5, 6),
    emptyTimeoutSeconds: fc.constantFrom(60, 600),
    metadata,
    forceDestroy: fc.boolean(),
  },
  { requiredKeys: [] },
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ what: fc.constant("up" as const), declared }),
  fc.record({ what: fc.constantFrom("refresh", "lose", "enter", "leave", "killed") }),
  fc.record({ what: fc.constant("edit" as const), metadata: fc.option(metadata) }),
  fc.record({
    what: fc.constant("remake" as const),
    maxParticipants: fc.constantFrom(null, 5, 7),
    timeout: fc.constantFrom(60, 300, NEVER),
  }),
);

it("whatever happens to a room, once it is empty a refresh and a run make it as declared", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 8 }), declared, async (happenings, finally_) => {
      const vendor = new MemoryVendor();
      const engine = new Engine(() => localClient({}, { memory: () => memoryAdapter(vendor) }));
      for (const each of happenings) await happen(each, vendor, engine);

      const program = { hall: { name: "hall", ...finally_ } };
      const room = vendor.room(HALL);
      if (room) room.inside = [];
      await engine.refresh();
      if (engine.state.size === 0 && vendor.room(HALL)) {
        // Nobody can tell whose it is; with the mark of the killed run it is taken over, without it is refused.
        await engine.up(program).catch(expectCode("ALREADY_EXISTS"));
        if (engine.state.size === 0) vendor.lose(HALL);
      }
      await engine.up(program);

      expect(await engine.preview(program)).toEqual([]);
      expect(await engine.refresh()).toEqual([]);
      expect(await engine.preview(program)).toEqual([]);
      const made = vendor.room(HALL);
      if (made) {
        const timeout = finally_.emptyTimeoutSeconds ?? NEVER;
        expect(made.maxParticipants).toBe(finally_.maxParticipants ?? null);
        expect([made.emptyTimeoutSeconds, made.departureTimeoutSeconds]).toEqual([timeout, timeout]);
        if (finally_.metadata) expect(vendor.record(made).metadata).toEqual(finally_.metadata);
      } else {
        expect(
          finally_.emptyTimeoutSeconds,
          "only a room with a timeout of its own may be away",
        ).toBeDefined();
      }
      await engine.destroy();
      expect(vendor.room(HALL)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

async function happen(happening: Happening, vendor: MemoryVendor, engine: Engine): Promise<void> {
  const room = vendor.room(HALL);
  switch (happening.what) {
    case "up":
      await engine.up({ hall: { name: "hall", ...happening.declared } }).catch(expectRefusal);
      break;
    case "refresh":
      await engine.refresh();
      break;
    case "lose":
      vendor.lose(HALL);
      break;
    case "enter":
      vendor.enter(HALL, "alice");
      break;
    case "leave":
      if (room) room.inside = [];
      break;
    case "killed":
      engine.state.clear(); // the run ended after the room was made and before that was written down
      break;
    case "edit":
      if (room) room.metadata = happening.metadata;
      break;
    case "remake": {
      const { maxParticipants, timeout } = happening;
      vendor.make(HALL, { maxParticipants, emptyTimeoutSeconds: timeout, departureTimeoutSeconds: timeout });
    }
  }
}

/** A run may be refused while the room is occupied or not ours; it may not fail otherwise. */
function expectRefusal(error: unknown): void {
  if (!RtcError.isInstance(error)) throw error;
  expect(["ROOM_OCCUPIED", "ALREADY_EXISTS"]).toContain(error.code);
}

function expectCode(code: string) {
  return (error: unknown) => expect(error).toMatchObject({ code });
}
