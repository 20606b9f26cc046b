import { describe, expect, it } from "vitest";
import { newProcess } from "../../conformance/engine-process.ts";
import type { CoreGatewayOptions } from "../../emulators/core-only.ts";
import { failure } from "../client/remote-fixture.ts";
import { expectNoChanges, stackWith } from "./core-only-fixture.ts";

/** What a room may be limited by, as REST spells it. */
const LIMITS = ["max_participants", "empty_timeout_s", "departure_timeout_s"];

describe("a declared room at a vendor of on-demand rooms, through a gateway with only the core capabilities", () => {
  it.each<[string, Partial<CoreGatewayOptions>]>([
    ["reports all of it", {}],
    ["reports only its metadata", { silentOn: [...LIMITS, "num_participants", "sid"] }],
    ["reports only its limits", { silentOn: ["metadata"] }],
    ["reports almost nothing", { silentOn: [...LIMITS, "metadata", "num_participants", "sid"] }],
  ])("is made, changed and taken down where the gateway %s", async (_, options) => {
    const { engine, gateway } = await stackWith({ vendor: "agora", ...options });
    const program = { hall: { maxParticipants: 5, metadata: { team: "core" } } };
    await engine.up(program);
    expect(engine.state.get("hall")?.id).toBe("agora:hall");
    await expectNoChanges(engine, program);
    const changed = { hall: { ...program.hall, maxParticipants: 6 } };
    expect(await engine.up(changed)).toEqual(["replace hall"]);
    expect(gateway.world.room("hall")).toMatchObject({ maxParticipants: 6, metadata: { team: "core" } });
    await expectNoChanges(engine, changed);
    gateway.world.room("hall").participants.push("1001");
    expect(await failure(engine.destroy())).toMatchObject({ code: "ROOM_OCCUPIED" });
    gateway.world.room("hall").participants.pop();
    await engine.destroy();
    expect(gateway.world.rooms.size).toBe(0);
  });

  it("is only in the state where the gateway stores nothing of it either", async () => {
    const { engine, gateway } = await stackWith({ vendor: "agora", keepsNothing: true });
    const program = { hall: { maxParticipants: 5, metadata: { team: "core" } } };
    for (const declared of [program, { hall: { ...program.hall, vendor: "agora" } }]) {
      await engine.up(declared);
      await expectNoChanges(engine, declared);
    }
    gateway.world.room("hall").participants.push("1001");
    expect(await engine.destroy()).toEqual(["delete hall"]);
    expect(gateway.calls.map(({ api }) => api)).not.toContain("room.delete");
  });

  it("can be read by its id, whether or not the gateway has a record of it", async () => {
    for (const keepsNothing of [false, true]) {
      const { gateway, connect } = await stackWith({ vendor: "agora", keepsNothing });
      gateway.world.create({ name: "hall", max_participants: 5 });
      const { room } = newProcess(connect(), {}, () => {});
      const limits = keepsNothing ? {} : { maxParticipants: 5, emptyTimeoutSeconds: 300 };
      const inputs = { name: "hall", vendor: "agora", ...limits };
      expect(await room.read("agora:hall", {})).toMatchObject({
        id: "agora:hall",
        props: { ...inputs, room: "agora:hall", endpoint: gateway.url },
        inputs,
      });
    }
  });

  it("is not closed by force where the gateway lacks the keys for that, which is reported", async () => {
    const reason = "its server key is not set";
    const { engine, gateway } = await stackWith({ vendor: "agora", lacks: { "participant.kick": reason } });
    await engine.up({ hall: { forceDestroy: true } });
    const rejected = await failure(engine.destroy());
    expect(rejected).toMatchObject({ code: "NOT_CONFIGURED", message: expect.stringContaining(reason) });
    expect(gateway.world.rooms.size).toBe(1);
    await engine.up({ hall: {} });
    await engine.destroy();
    expect(gateway.world.rooms.size).toBe(0);
  });
});
