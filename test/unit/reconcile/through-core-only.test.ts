import { describe, expect, it } from "vitest";
import { remoteClient } from "../../../src/client/remote.ts";
import { MAX_TIMEOUT, NEVER, RtcError } from "../../../src/contract/index.ts";
import { Engine } from "../../conformance/engine.ts";
import type { CoreGatewayOptions } from "../../emulators/core-only.ts";
import { coreGatewayWith, failure, KEY } from "../client/remote-fixture.ts";
import { expectNoChanges, stackWith } from "./core-only-fixture.ts";

describe("a declared room through a gateway with only the core capabilities", () => {
  it("goes where the gateway puts it, and its vendor is never a change", async () => {
    const { engine, gateway } = await stackWith();
    const program = { hall: { maxParticipants: 5, metadata: { version: 1 } } };
    expect(await engine.preview(program)).toEqual(["create hall"]);
    expect(gateway.calls).toEqual([]);
    await engine.up(program);
    const { id, inputs, outputs } = engine.state.get("hall") ?? {};
    expect(id).toBe("livekit:hall");
    expect(inputs).not.toHaveProperty("vendor");
    expect(outputs).toMatchObject({ vendor: "livekit", endpoint: gateway.url, sid: "RM_1" });
    expect(gateway.world.room("hall")).toMatchObject({
      emptyTimeout: MAX_TIMEOUT,
      metadata: { version: 1, $owner: outputs?.["owner"] },
    });
    expect(outputs).toMatchObject({ vendorSettings: { emptyTimeoutSeconds: NEVER } });
    await expectNoChanges(engine, program);
    const explicit = { hall: { ...program.hall, vendor: "livekit" } };
    expect(await engine.up(explicit), "declaring the current vendor recreates nothing").toEqual([
      "update hall",
    ]);
    await expectNoChanges(engine, explicit);
    expect(gateway.world.room("hall").sid).toBe("RM_1");
    expect(await engine.destroy()).toEqual(["delete hall"]);
    expect(gateway.world.rooms.size).toBe(0);
  });

  it("is recreated where its metadata changes, with the reason", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up({ hall: { metadata: { version: 1 } } });
    const changed = { hall: { metadata: { version: 2 } } };
    expect(await engine.preview(changed)).toEqual(["replace hall"]);
    expect(engine.logs.join("\n")).toContain(
      "cannot change metadata of a room in place (the gateway does not advertise rtc.room.update: ",
    );
    expect(await engine.up(changed)).toEqual(["replace hall"]);
    expect(gateway.world.room("hall")).toMatchObject({ sid: "RM_2", metadata: { version: 2 } });
    await expectNoChanges(engine, changed);
  });

  it("is not moved to a vendor at which the gateway makes no rooms: it stays, and its preview reports it", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up({ hall: {} });
    const moved = { hall: { vendor: "agora" } };
    await engine.preview(moved);
    const words = "agora: the gateway does not know it; the gateway creates rooms at livekit";
    expect(engine.logs.join("\n")).toContain(`up will reject this: ${words}`);
    expect(await failure(engine.up(moved))).toMatchObject({ code: "NOT_CONFIGURED", message: words });
    expect(gateway.world.room("hall").sid).toBe("RM_1");
  });

  it("is not recreated in an outage", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up({ hall: { metadata: { version: 1 } } });
    gateway.faults.plan({ kind: "answer", status: 403, body: { message: "not now" } });
    expect(await failure(engine.up({ hall: { metadata: { version: 2 } } }))).toMatchObject({
      code: "PERMISSION_DENIED",
    });
    expect(gateway.world.room("hall").sid).toBe("RM_1");
  });

  it("that participants are in is not recreated or deleted, and changes of flags alone change nothing there", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up({ hall: {} });
    gateway.world.room("hall").participants.push("alice");
    for (const attempt of [() => engine.up({ hall: { maxParticipants: 2 } }), () => engine.destroy()])
      expect(await failure(attempt())).toMatchObject({ code: "ROOM_OCCUPIED" });
    const forced = { hall: { forceDestroy: true } };
    expect(await engine.up(forced)).toEqual(["update hall"]);
    await expectNoChanges(engine, forced);
    await engine.destroy();
    expect(gateway.world.rooms.size).toBe(0);
  });

  it("is adopted after a run that was killed, and only by its own resource", async () => {
    const { engine, newEngine, gateway } = await stackWith();
    await engine.up({ hall: { maxParticipants: 5 } });
    const again = newEngine();
    await again.up({ hall: { maxParticipants: 5 } });
    expect(again.state.get("hall")).toMatchObject({ id: "livekit:hall", outputs: { sid: "RM_1" } });
    expect(gateway.world.rooms.size).toBe(1);
    await expectNoChanges(again, { hall: { maxParticipants: 5 } });
    const other = { lobby: { name: "hall" } };
    expect(await failure(newEngine().up(other))).toMatchObject({ code: "ALREADY_EXISTS" });
    gateway.world.create({ name: "lobby" });
    const adopting = newEngine();
    const adopted = { lobby: { adopt: true } };
    await adopting.up(adopted);
    expect(adopting.logs.join("\n")).toContain("stays without this resource's ownership tag");
    await expectNoChanges(adopting, adopted);
  });

  it("that a user has deleted is gone, and recreated", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up({ hall: {} });
    gateway.world.delete("hall");
    expect(await engine.refresh()).toEqual(["delete hall"]);
    expect(await engine.up({ hall: {} })).toEqual(["create hall"]);
  });

  it.each<[string, Partial<CoreGatewayOptions>]>([
    [
      "reports little",
      { silentOn: ["max_participants", "empty_timeout_s", "departure_timeout_s", "num_participants", "sid"] },
    ],
    ["reports no metadata", { silentOn: ["metadata"] }],
    ["has a vendor that is not known here", { vendor: "unheard-of" }],
    ["writes everything otherwise", { unixTimes: true, wrapped: true, spelling: "msg" }],
  ])("is no drift where the gateway %s", async (_, options) => {
    const { engine } = await stackWith(options);
    const program = { hall: { maxParticipants: 5, metadata: { team: "core" } } };
    await engine.up(program);
    await expectNoChanges(engine, program);
    expect(await engine.up({ hall: { ...program.hall, maxParticipants: 6 } })).toEqual(["replace hall"]);
    await engine.destroy();
  });

  it("is left alone by a configuration of another gateway", async () => {
    const { engine } = await stackWith();
    await engine.up({ hall: {} });
    const { gateway: other } = await coreGatewayWith();
    const elsewhere = new Engine(() => remoteClient({ endpoint: other.url, apiKey: KEY }));
    for (const [name, resource] of engine.state) elsewhere.state.set(name, resource);
    expect(await failure(elsewhere.refresh())).toMatchObject({ code: "ENDPOINT_MISMATCH" });
  });

  it("declared twice without a vendor is rejected, and made once", async () => {
    const { engine, gateway } = await stackWith();
    const twice = engine
      .up({ hall: { name: "one" }, lobby: { name: "one" } })
      .catch((error: unknown) => error);
    expect(RtcError.isInstance(await twice)).toBe(true);
    expect(String(await twice)).toContain("room one is declared twice in this program");
    expect(gateway.world.rooms.size).toBe(1);
  });
});

describe("a recording through a gateway with only the core capabilities", () => {
  const outputUri = "s3://acme/hall/";
  const program = { hall: { emptyTimeoutSeconds: 60 }, tape: { records: "hall", outputUri } };

  it("stays in the state as it was started, tagged unverified, and is stopped with its resource", async () => {
    const { engine, gateway } = await stackWith();
    expect(await engine.preview(program)).toEqual(["create hall", "create tape"]);
    await engine.up(program);
    expect(engine.state.get("tape")).toMatchObject({
      id: "livekit:hall/tape",
      outputs: { status: "starting", unverified: true, vendor: "livekit", endpoint: gateway.url },
    });
    await expectNoChanges(engine, program);
    expect(engine.logs.join("\n")).toContain("unverified: the gateway does not advertise rtc.recording.get");
    const described = { ...program, tape: { ...program.tape, metadata: { by: "us" } } };
    expect(await engine.up(described), "what is in the state alone").toEqual(["update tape"]);
    await expectNoChanges(engine, described);
    await engine.destroy();
    expect([...gateway.world.recordings.values()].map(({ status }) => status)).toEqual(["ending"]);
  });

  it("is recreated where its layout changes, with the reason", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up(program);
    const changed = { ...program, tape: { ...program.tape, layout: "speaker" } };
    expect(await engine.preview(changed)).toEqual(["replace tape"]);
    expect(engine.logs.join("\n")).toContain("the gateway does not advertise rtc.recording.update");
    await engine.up(changed);
    expect([...gateway.world.recordings.values()].map(({ layout, status }) => [layout, status])).toEqual([
      ["grid", "ending"],
      ["speaker", "starting"],
    ]);
    await expectNoChanges(engine, changed);
  });

  it("is not cut short while the room is occupied, since it may be running", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up(program);
    gateway.world.room("hall").participants.push("alice");
    expect(await failure(engine.destroy())).toMatchObject({ code: "ROOM_OCCUPIED" });
    expect([...gateway.world.recordings.values()].map(({ status }) => status)).toEqual(["starting"]);
  });

  it("has ended with its room: a recreated one is recorded again, while it is occupied", async () => {
    const { engine, gateway } = await stackWith();
    await engine.up(program);
    gateway.world.delete("hall");
    gateway.world.create({ name: "hall", empty_timeout_s: 60 }).participants.push("alice");
    await engine.refresh();
    expect(await engine.up(program)).toEqual(["replace tape"]);
    expect(gateway.world.recordings.size).toBe(2);
    await expectNoChanges(engine, program);
    expect(await failure(engine.destroy())).toMatchObject({ code: "ROOM_OCCUPIED" });
  });

  it("of a room by its bare name is where the gateway has that room", async () => {
    const { engine, gateway } = await stackWith();
    gateway.world.create({ name: "lobby" });
    const named = { tape: { room: "lobby", outputUri } };
    await engine.up(named);
    expect(engine.state.get("tape")).toMatchObject({ outputs: { room: "lobby", vendor: "livekit" } });
    await expectNoChanges(engine, named);
    await engine.destroy();
  });
});
