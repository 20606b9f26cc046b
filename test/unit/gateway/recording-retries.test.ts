import { describe, expect, test } from "vitest";
import { type RecordingAdapter, RtcError } from "../../../src/contract/index.ts";
import { idempotent } from "../../../src/gateway/middleware/idempotency.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";
import type { Store } from "../../../src/gateway/store/store.ts";
import { at, gateway } from "./fixture.ts";

const LEASE_MS = 1_000;

/** A gateway with a room, whose starts of recordings go as a test wants them to. */
function begin(change: (good: RecordingAdapter) => Partial<RecordingAdapter>, answers?: Store["answers"]) {
  const store = openSqliteStore(":memory:");
  const clock = { now: 0 };
  const once = idempotent(answers ?? store.answers, { now: () => clock.now, leaseMs: LEASE_MS });
  const g = gateway({
    parts: { recordings: store.recordings, idempotent: once },
    adapter: (good) =>
      good.recordings ? { ...good, recordings: { ...good.recordings, ...change(good.recordings) } } : good,
  });
  g.memory.make(at("hall"));
  const start = (key?: string) =>
    g.ask("POST", "/v1/rtc/recording/start", {
      room: "memory:hall",
      ...(key !== undefined && { idempotency_key: key }),
    });
  const started = async (key?: string) => {
    const { status, body } = await start(key);
    expect(status).toBe(200);
    return (body as { recording: string }).recording;
  };
  return { ...g, store, clock, start, started };
}

/** The vendor does not say since when what waits for its first track goes on. */
const UNTIMED = (good: RecordingAdapter): Partial<RecordingAdapter> => ({
  list: async (...asked) => (await good.list(...asked)).map(({ startedAt: _, ...one }) => one),
});
const NO_ANSWER = new RtcError("UNAVAILABLE", "no answer", { vendor: "memory" });

/** The recording has started, and no answer was sent: so many times. */
function losing(times: number) {
  return (good: RecordingAdapter): Partial<RecordingAdapter> => ({
    ...UNTIMED(good),
    start: async (spec) => {
      const one = await good.start(spec);
      if (times-- > 0) throw NO_ANSWER;
      return one;
    },
  });
}

describe("A request that is sent again since its answer was lost", () => {
  test("gets the recording that it has started, and not one that another request has started", async () => {
    let fails = false;
    const g = begin((good) => ({
      ...UNTIMED(good),
      start: async (spec) => {
        const one = await good.start(spec);
        if (fails) throw NO_ANSWER;
        return one;
      },
    }));
    expect(await g.started("a")).toBe("memory:EG_1");
    expect(await g.started(), "without a key").toBe("memory:EG_2");
    fails = true;
    expect(await g.start("b")).toMatchObject({ status: 503 });
    fails = false;
    expect(await g.started("b")).toBe("memory:EG_3");
    expect(await g.started("b"), "once more").toBe("memory:EG_3");
    expect(g.memory.recorder.recordings.size).toBe(3);
  });

  test("starts one where what it finds is others' alone", async () => {
    let rejects = false;
    const g = begin((good) => ({
      ...UNTIMED(good),
      start: (spec) => (rejects ? Promise.reject(NO_ANSWER) : good.start(spec)),
    }));
    await g.started("a");
    rejects = true;
    expect(await g.start("b")).toMatchObject({ status: 503 });
    rejects = false;
    expect(await g.started("b")).toBe("memory:EG_2");
  });

  test("does not get the same as another that is sent again at the same time", async () => {
    const g = begin(losing(10));
    const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
    for (const key of keys) expect(await g.start(key)).toMatchObject({ status: 503 });
    const got = await Promise.all(keys.map((key) => g.started(key)));
    expect(new Set(got).size).toBe(10);
    expect(g.memory.recorder.recordings.size).toBe(10);
    expect(await Promise.all(keys.map((key) => g.started(key)))).toEqual(got);
  });

  test("gets the recording that it started also where that has ended, and its process died before it answered", async () => {
    const { answers } = openSqliteStore(":memory:");
    let dies = true;
    const finish: typeof answers.finish = async (...args) => {
      if (dies) throw new Error("killed");
      return answers.finish(...args);
    };
    const g = begin(UNTIMED, { ...answers, finish });
    await g.start("a");
    dies = false;
    g.memory.recorder.kill("EG_1");
    g.clock.now += LEASE_MS;
    expect(await g.started("a")).toBe("memory:EG_1");
    expect(g.memory.recorder.recordings.size).toBe(1);
  });
});

describe("A request whose recording another request has claimed first", () => {
  /** The request `a` has begun EG_1 and hears of it when it is let go; `b`, which has begun none, finds that meanwhile. */
  async function taken() {
    let letGo = () => {};
    const released = new Promise<void>((resolve) => (letGo = resolve));
    let starts = 0;
    const g = begin((good) => ({
      ...UNTIMED(good),
      start: async (spec) => {
        starts += 1;
        if (starts === 1) throw NO_ANSWER;
        const one = await good.start(spec);
        if (starts === 2) await released;
        return one;
      },
    }));
    expect(await g.start("b")).toMatchObject({ status: 503 });
    const late = g.started("a");
    await expect.poll(() => g.memory.recorder.recordings.size).toBe(1);
    expect(await g.started("b")).toBe("memory:EG_1");
    return { ...g, late, letGo };
  }

  test("starts another, so that each has its own", async () => {
    const { late, letGo, memory } = await taken();
    letGo();
    expect(await late).toBe("memory:EG_2");
    expect(memory.recorder.recordings.size).toBe(2);
  });

  test("takes the leftover one instead, where there is one", async () => {
    const { late, letGo, memory } = await taken();
    const like = { ...at("hall"), layout: "grid", audioOnly: false, outputUri: "s3://acme/" };
    memory.recorder.begin(like, "RM_1");
    letGo();
    expect(await late).toBe("memory:EG_2");
    expect(memory.recorder.recordings.size).toBe(2);
  });

  test("gives up after a while, where a vendor has only what is another's", async () => {
    const g = begin((good) => ({
      ...UNTIMED(good),
      start: async (spec) => (await good.list(null, { active: true }))[0] ?? good.start(spec),
    }));
    expect(await g.started("a")).toBe("memory:EG_1");
    expect(await g.start("b")).toMatchObject({ status: 503, body: { retryable: true } });
  });
});
