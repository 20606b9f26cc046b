import { expect, test } from "vitest";
import { readCounts } from "../../../page/metrics.ts";
import { Metrics } from "../../../src/gateway/middleware/metrics.ts";
import { gateway } from "../gateway/fixture.ts";

test("The page counts what a gateway has counted", async () => {
  const metrics = new Metrics();
  const g = gateway({ parts: { first: [metrics.requests] } });
  for (const path of ["/", "/nowhere", "/v1/rtc/room/list"]) await g.ask("GET", path);
  metrics.recordCall("memory", "listRooms", "ok", 0.1);
  metrics.recordCall("memory", "listRooms", "UNAVAILABLE", 0.1);
  metrics.recordCall("memory", "getRoom", "ok", 0.1);
  metrics.recordCall("fleeting", "getRoom", "ok", 0.1);
  metrics.setWaiting("memory", 4);
  expect(readCounts((await metrics.text()).body)).toEqual({
    ...{ requests: 3, failed: 0 },
    calls: { memory: { all: 3, failed: 1, waiting: 4 }, fleeting: { all: 1, failed: 0, waiting: 0 } },
  });
});
