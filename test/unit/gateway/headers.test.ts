import { expect, test } from "vitest";
import { Metrics, serveMetrics } from "../../../src/gateway/middleware/metrics.ts";
import { gateway, KEY } from "./fixture.ts";

const keys = {
  check: async (bearer: string) => (bearer === KEY ? { id: "k1", name: "test", readOnly: false } : undefined),
};

test.each([
  ["POST", "/v1/rtc/room/create", 200, { name: "hall" }],
  ["POST", "/v1/rtc/room/create", 400, {}],
  ["GET", "/v1/rtc/room/create", 405, undefined],
  ["GET", "/nowhere", 404, undefined],
  ["GET", "/docs", 200, undefined],
  ["GET", "/openapi.json", 200, undefined],
  ["GET", "/metrics", 200, undefined],
])("%s %s with %i reports that no browser is to guess its type", async (method, path, status, body) => {
  const g = gateway({ parts: { first: [serveMetrics(new Metrics(), keys)] } });
  const answer = await g.ask(method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("Metrics are stored by no cache", async () => {
  const g = gateway({ parts: { first: [serveMetrics(new Metrics(), keys)] } });
  expect((await g.ask("GET", "/metrics")).headers.get("cache-control")).toBe("no-store");
});
