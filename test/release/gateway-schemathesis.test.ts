import { expect, test } from "vitest";
import { RunningGateway } from "../support/gateway.ts";
import { startLivekit } from "../support/livekit.ts";
import { report } from "../support/reliability.ts";
import { schemathesis } from "../support/schemathesis.ts";

const KEY = "a-trial-key-of-this-test";

test("Schemathesis finds no failure of the gateway, with all its checks.", {
  timeout: 600_000,
}, async ({ task }) => {
  const server = await startLivekit({ egress: "worker" });
  const env = { ...server.env, RTC_GATEWAY_KEY: KEY, RTC_RECORDING_OUTPUT: "/recordings/" };
  const gateway = await RunningGateway.start({ env });
  const { code, stdout, stderr } = await schemathesis(`${gateway.address}/openapi.json`, KEY, 15);
  expect(code, stdout + stderr).toBe(0);
  const tested = /Tested: (\d+)/.exec(stdout)?.[1];
  expect(tested, "every route").toBe("14");
  const answers = gateway.log.map(({ status }) => status).filter((status) => typeof status === "number");
  const cases = Number(/(\d+) generated/.exec(stdout)?.[1]);
  expect(answers.length).toBeGreaterThanOrEqual(cases);
  expect(answers.filter((status) => status === 429 || status === 500)).toEqual([]);
  report(task, {
    promise: "Whatever a request to the gateway contains, its answer is one of the OpenAPI document",
    figure: `${cases} cases for ${tested} routes by Schemathesis, 0 failures`,
  });
});
