import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import { GatewayKeys } from "../../../src/gateway/services/keys.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";
import type { KeyStore } from "../../../src/gateway/store/store.ts";

const folder = mkdtempSync(join(tmpdir(), "gateway-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keysAt(now = () => 0, trial?: string) {
  return new GatewayKeys(openSqliteStore(":memory:").keys, trial, { wall: now, monotonic: now });
}

describe("A key of a gateway", () => {
  test("is accepted, and reports its owner and permissions", async () => {
    const keys = keysAt();
    const { key, id } = await keys.create({ name: "ci", readOnly: true, prefix: "ci-" });
    expect(await keys.check(key)).toEqual({ id, name: "ci", readOnly: true, prefix: "ci-" });
  });

  test("keeps the folder that it records to, as a folder", async () => {
    const keys = keysAt();
    const { key } = await keys.create({ name: "ci", output: "s3://acme/ci" });
    expect(await keys.check(key)).toMatchObject({ output: "s3://acme/ci/" });
    await expect(keys.create({ name: "bad", output: "ftp://acme/" })).rejects.toMatchObject({
      issues: [{ path: "output", message: expect.stringContaining("must begin with s3://") }],
    });
  });

  test("is rejected when any of it is wrong, or something of it is missing or too much", async () => {
    const keys = keysAt();
    const { key } = await keys.create({ name: "one" });
    const other = await keys.create({ name: "other" });
    const mixed = other.key.slice(0, 15) + key.slice(15);
    const flipped = key.slice(0, -1) + (key.endsWith("A") ? "B" : "A");
    for (const wrong of [
      "",
      "Bearer",
      key.slice(0, -1),
      `${key}A`,
      flipped,
      mixed,
      key.toUpperCase(),
      "rtc_",
    ])
      expect(await keys.check(wrong), wrong).toBeUndefined();
  });

  test("is good until it expires, and not a moment longer", async () => {
    let now = 1_000;
    const keys = keysAt(() => now);
    const { key } = await keys.create({ name: "short", expiresInSeconds: 60 });
    now = 60_999;
    expect(await keys.check(key)).toBeDefined();
    now = 61_000;
    expect(await keys.check(key)).toBeUndefined();
    expect(await keys.isEmpty()).toBe(true);
  });

  test("neither expires nor comes back to life when the wall clock is stepped by an hour", async () => {
    const HOUR = 3_600_000;
    for (const step of [-HOUR, HOUR]) {
      let [wall, monotonic] = [10 * HOUR, 0];
      const { keys: store } = openSqliteStore(":memory:");
      const gateway = () =>
        new GatewayKeys(store, undefined, { wall: () => wall, monotonic: () => monotonic });
      const pass = (milliseconds: number) => {
        wall += milliseconds;
        monotonic += milliseconds;
      };
      const made = gateway();
      const short = await made.create({ name: "short", expiresInSeconds: 60 });
      const long = await made.create({ name: "long", expiresInSeconds: 1_800 });
      // Its keys are read when it starts, whether or not a client uses them.
      const keys = gateway();
      expect(await keys.isEmpty()).toBe(false);
      pass(61_000);
      wall += step;
      expect(await keys.check(short.key), "has expired").toBeUndefined();
      expect(await keys.check(long.key), "has not expired").toBeDefined();
      // What is created with the new time is valid until its expiry.
      const other = await gateway().create({ name: "other", expiresInSeconds: 600 });
      pass(599_000);
      expect(await keys.check(other.key)).toBeDefined();
      wall -= step;
      expect(await keys.check(short.key), "has expired").toBeUndefined();
      expect(await keys.check(long.key), "has not expired").toBeDefined();
      pass(1_800_000);
      expect(await keys.check(long.key)).toBeUndefined();
      expect(await keys.check(other.key)).toBeUndefined();
    }
  });

  test("has expired when the machine has slept past its end, which only the wall clock shows", async () => {
    let wall = 0;
    const clocks = { wall: () => wall, monotonic: () => 0 };
    const keys = new GatewayKeys(openSqliteStore(":memory:").keys, undefined, clocks);
    const { key } = await keys.create({ name: "short", expiresInSeconds: 60 });
    wall = 8 * 3_600_000;
    expect(await keys.check(key)).toBeUndefined();
  });

  test("is rejected once it is revoked, by its id or its name, and its name is free again", async () => {
    const keys = keysAt();
    const first = await keys.create({ name: "ci" });
    await expect(keys.create({ name: "ci" })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    await keys.revoke("ci");
    const second = await keys.create({ name: "ci" });
    expect(await keys.check(first.key)).toBeUndefined();
    expect(await keys.check(second.key)).toBeDefined();
    await keys.revoke(second.id);
    expect(await keys.list()).toEqual([]);
    await expect(keys.revoke("ci")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("has a name that a table and a log can show, and limits that mean something", async () => {
    await expect(
      keysAt().create({ name: "a b", prefix: "", output: "", expiresInSeconds: 0 }),
    ).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      issues: [{ path: "name" }, { path: "prefix" }, { path: "output" }, { path: "expiresInSeconds" }],
    });
  });

  test.each(["a long trial key", "a-long-trial-key\n", "ein-langer-Schl\u00fcssel"])(
    "for a trial is rejected where no request could send it: %j",
    (trial) => {
      expect(() => keysAt(undefined, trial)).toThrow(
        "RTC_GATEWAY_KEY must be printable ASCII without spaces",
      );
    },
  );

  test("for a trial comes from the environment, and may do everything; a short one is rejected", async () => {
    const keys = keysAt(undefined, "a-long-trial-key");
    expect(await keys.isEmpty()).toBe(false);
    expect(await keys.check("a-long-trial-key")).toMatchObject({ readOnly: false });
    expect(await keys.check("a-long-trial-kez")).toBeUndefined();
    // Of a store that is away.
    const find = () => Promise.reject(new RtcError("UNAVAILABLE", "the store cannot be reached"));
    const away = new GatewayKeys({ find } as Partial<KeyStore> as KeyStore, "a-long-trial-key");
    expect(await away.check("a-long-trial-key")).toMatchObject({ id: "trial" });
    await expect(away.check("a-long-trial-kez")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(() => keysAt(undefined, "too-short")).toThrow("16 characters");
  });

  test("is not in the store's file, which its owner alone may read, and which outlives the process", async () => {
    const file = join(folder, "keys.db");
    const first = openSqliteStore(file);
    const { key } = await new GatewayKeys(first.keys).create({ name: "ci" });
    const written = [file, `${file}-wal`].map((name) => readFileSync(name, "latin1")).join("");
    expect(written).toContain("ci");
    expect(written).not.toContain(key.slice(15));
    expect(statSync(file).mode & 0o077).toBe(0);
    first.close();
    const second = openSqliteStore(file);
    expect(await new GatewayKeys(second.keys).check(key)).toBeDefined();
    second.close();
  });
});

describe("A store is rejected", () => {
  test("that is no store", () => {
    const file = join(folder, "text.db");
    writeFileSync(file, "These are notes, and no database at all. ".repeat(50));
    expect(() => openSqliteStore(file)).toThrow(/text\.db cannot be opened/);
  });

  test("that a newer version has written", () => {
    const file = join(folder, "newer.db");
    openSqliteStore(file).close();
    const db = new DatabaseSync(file);
    db.exec("PRAGMA user_version = 999");
    db.close();
    expect(() => openSqliteStore(file)).toThrow("newer version");
  });

  test("in a folder that is not there", () => {
    expect(() => openSqliteStore(join(folder, "no/where.db"))).toThrow(/cannot be opened: ENOENT/);
  });
});
