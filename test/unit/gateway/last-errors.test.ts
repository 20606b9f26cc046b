import { expect, test } from "vitest";
import { RtcError } from "../../../src/contract/errors.ts";
import { LastErrors } from "../../../src/gateway/middleware/last-errors.ts";
import { redactKeys } from "../../../src/gateway/middleware/log.ts";
import { gateway } from "./fixture.ts";

const SECRET = "secret-of-the-vendor";
const PRINCIPALS = {
  operator: { id: "k1", name: "operator", readOnly: false },
  exams: { id: "k2", name: "exams", readOnly: false, prefix: "exam-" },
};

/** A gateway that remembers failed requests, and whose vendor quotes a secret and a name when it fails. */
function failing() {
  const keys = {
    check: async (bearer: string) => PRINCIPALS[bearer as keyof typeof PRINCIPALS],
  };
  const errors = new LastErrors(redactKeys([SECRET]));
  const g = gateway({
    parts: { keys, first: [errors.record, errors.serve(keys)] },
    adapter: (good) => ({
      ...good,
      createRoom: async ({ name }) => {
        throw new RtcError("VENDOR_ERROR", `no ${name} with ${SECRET}`, { vendor: "memory" });
      },
    }),
  });
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  return {
    ask: (method: string, path: string, key: string, body?: unknown) => g.ask(method, path, body, as(key)),
    errors: async (key: string) => (await g.ask("GET", "/errors", undefined, as(key))).body,
  };
}

test("/errors has what failed, the newest first, without secrets and without what a request named", async () => {
  const { ask, errors } = failing();
  await ask("GET", "/v1/rtc/room/get/hall", "operator");
  await ask("POST", "/v1/rtc/room/create", "operator", { name: "ballroom" });
  await ask("GET", "/v1/rtc/room/list", "operator");
  const [at, request_id] = [expect.stringMatching(/^\d{4}-.+Z$/), expect.any(String)];
  expect(await errors("operator")).toEqual({
    items: [
      {
        ...{ at, request_id, key: "k1", operation: "rtc.room.create", status: 502, code: "VENDOR_ERROR" },
        ...{ vendor: "memory", message: "no [redacted] with [redacted]" },
      },
      {
        ...{ at, request_id, key: "k1", operation: "rtc.room.get", status: 404, code: "NOT_FOUND" },
        vendor: "memory",
      },
    ],
  });
});

test("/errors leaves out requests without a valid key, which anyone can send", async () => {
  const { ask, errors } = failing();
  expect(await ask("GET", "/v1/rtc/room/list", "wrong")).toMatchObject({ status: 401 });
  expect(await ask("GET", "/errors", "wrong")).toMatchObject({ status: 401 });
  expect(await errors("operator")).toEqual({ items: [] });
});

test("/errors shows a key with a prefix its own errors only, and others the last fifty", async () => {
  const { ask, errors } = failing();
  await ask("GET", "/v1/rtc/room/get/hall", "exams");
  for (let one = 0; one < 55; one++) await ask("GET", `/v1/rtc/room/get/hall-${one}`, "operator");
  await ask("GET", "/v1/rtc/room/get/exam-1", "exams");
  expect(await errors("exams")).toMatchObject({ items: [{ key: "k2", status: 404 }] });
  const { items } = (await errors("operator")) as { items: unknown[] };
  expect(items).toHaveLength(50);
});
