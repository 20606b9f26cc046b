import { EncodedFileOutput } from "livekit-server-sdk";
import { expect, vi } from "vitest";
import { NEVER, OWNER_KEY, type RoomResourceInput } from "../../src/contract/index.ts";
import { join, type Person } from "../support/participants.ts";
import { plainToken } from "../support/tokens.ts";
import type { Lane } from "./cli-lane.ts";
import { runs } from "./observation.ts";
import { OTHERS, type Place, THEIRS } from "./stage.ts";
import type { Step } from "./steps.ts";

const POLL_OPTIONS = { timeout: 20_000, interval: 100 };

/** What others do at a real server, and what happens there by itself. */
export class Others {
  readonly #lane: Lane;
  readonly #inside = new Map<string, { person: Person; publishing: boolean }[]>();
  #participants = 0;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  async happen(step: Step, { room, tape, outputs }: Place): Promise<void> {
    const { server } = this.#lane;
    const found = (await this.#lane.rooms())[room];
    switch (step.do) {
      case "rotate keys":
        await this.#allLeave();
        return this.#lane.rotate();
      case "restart the server":
        // Else they would come back with their old tokens.
        await this.#allLeave();
        return server.restart();
      case "time passes":
      case "a day passes":
        await this.#expire();
        if (step.do === "a day passes") {
          await this.#lane.tapes();
          await server.egress.forget("all");
        }
        return;
      case "edit by hand": {
        if (!found) return;
        const tag = step.keepingTag && found.owner !== null ? { [OWNER_KEY]: found.owner } : {};
        const isObject = step.keepingTag || step.metadata !== null;
        const text = isObject ? JSON.stringify({ ...step.metadata, ...tag }) : "no object";
        await server.service.updateRoomMetadata(room, text);
        return;
      }
      case "delete by hand":
        if (found) await server.service.deleteRoom(room);
        this.#inside.delete(room);
        return;
      case "all participants leave":
        return this.#leave(room);
      case "join":
        return this.#join(room, step, outputs);
      case "make by hand":
        if (!found) await this.#make(room, step, outputs);
        return;
      case "record by hand": {
        if (!found) return;
        const file = new EncodedFileOutput({ filepath: `${THEIRS}theirs.mp4` });
        await server.recordings.startRoomCompositeEgress(room, { file }, { layout: "grid" });
        return this.#onAir(room);
      }
      case "stop by hand":
      case "the recorder dies": {
        const observed = (await this.#lane.tapes()).find(({ id }) => id === tape);
        if (!observed || !runs(observed)) return;
        if (step.do === "stop by hand") await server.recordings.stopEgress(observed.id);
        else await server.egress.killRecorder(observed.id);
        await vi.waitFor(async () => {
          const now = (await this.#lane.tapes()).find(({ id }) => id === tape);
          expect(now && runs(now)).toBe(false);
        }, POLL_OPTIONS);
      }
    }
  }

  /** All participants leave every room. */
  async #allLeave(): Promise<void> {
    for (const room of [...this.#inside.keys()]) await this.#leave(room);
  }

  async #leave(room: string): Promise<void> {
    for (const { person } of this.#inside.get(room) ?? []) await person.leave();
    this.#inside.delete(room);
    await vi.waitFor(
      async () => expect((await this.#lane.rooms())[room]?.participants ?? 0).toBe(0),
      POLL_OPTIONS,
    );
  }

  /** What a server does by itself within minutes: `dormant.test.ts` waits for it. */
  async #expire(): Promise<void> {
    for (const [name, { participants, timeouts }] of Object.entries(await this.#lane.rooms()))
      if (participants === 0 && timeouts[1] !== NEVER) await this.#lane.server.service.deleteRoom(name);
  }

  async #join(
    room: string,
    { token, publishing }: Extract<Step, { do: "join" }>,
    outputs: RoomResourceInput | undefined,
  ): Promise<void> {
    const { server } = this.#lane;
    const identity = `person-${++this.#participants}`;
    const before = (await this.#lane.rooms())[room]?.participants ?? 0;
    const jwt =
      token === "old" || outputs === undefined
        ? await plainToken(server, room, identity)
        : await this.#tokenOf(room, identity, outputs);
    const person = await join(server.url, jwt);
    this.#inside.set(room, [...(this.#inside.get(room) ?? []), { person, publishing }]);
    if (publishing) await person.publishAudio();
    await vi.waitFor(
      async () => expect((await this.#lane.rooms())[room]?.participants).toBe(before + 1),
      POLL_OPTIONS,
    );
    return this.#onAir(room);
  }

  /** Waits until everything that records a room has begun, where there is something to record. */
  async #onAir(room: string): Promise<void> {
    if (!this.#inside.get(room)?.some(({ publishing }) => publishing)) return;
    await vi.waitFor(async () => {
      const tapes = await this.#lane.tapes();
      expect(tapes.filter((tape) => tape.room === room && tape.status === "starting")).toEqual([]);
    }, POLL_OPTIONS);
  }

  /** As `issueTokenOutput` signs it for the resource. */
  async #tokenOf(room: string, identity: string, outputs: RoomResourceInput): Promise<string> {
    const { maxParticipants = null, emptyTimeoutSeconds = null, metadata = null } = outputs;
    const timeouts = { emptyTimeoutSeconds, departureTimeoutSeconds: emptyTimeoutSeconds };
    const settings = { room: `livekit:${room}`, maxParticipants, ...timeouts, metadata };
    return (await this.#lane.client().token.issue({ room: settings, identity })).token;
  }

  async #make(
    name: string,
    { of, like }: Extract<Step, { do: "make by hand" }>,
    outputs: RoomResourceInput = {},
  ): Promise<void> {
    const tag = of === "no owner" ? {} : { [OWNER_KEY]: OTHERS };
    const { maxParticipants = 0, emptyTimeoutSeconds = NEVER, metadata } = like === "declared" ? outputs : {};
    const timeouts =
      like === "declared" ? { emptyTimeout: emptyTimeoutSeconds, departureTimeout: emptyTimeoutSeconds } : {};
    await this.#lane.server.service.createRoom({
      ...{ name, maxParticipants, ...timeouts },
      metadata: JSON.stringify({ ...metadata, ...tag }),
    });
  }
}
