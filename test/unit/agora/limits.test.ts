import { expect, it, vi } from "vitest";
import { exchange } from "../../../src/support/http.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { agoraAnswers } from "../../emulators/agora.ts";
import { adapterOnAgora, hall } from "./fixture.ts";

vi.mock("../../../src/support/http.ts", { spy: true });

/** The most calls within any second. */
function busiest(times: number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));
}

it("A burst of calls to Agora waits its turn, over all clients and regions of an account, and is not rejected.", async () => {
  const { server, config } = await adapterOnAgora();
  const clients = [agora.adapter(config), agora.adapter(config), agora.adapter(config)];
  const calls = Array.from({ length: 45 }, (_, n) => {
    const [adapter, place] = [clients[n % 3], { region: n % 2 ? "eu-west-1" : null, name: `room-${n}` }];
    return n < 25 ? adapter?.listParticipants(place) : adapter?.kickParticipant(place, "7");
  });
  await Promise.all(calls);
  expect(server.calls.map(({ answer }) => answer?.status)).toEqual(Array(45).fill(200));
  const times = (api: string) => server.calls.filter((call) => call.api === api).map(({ time }) => time);
  expect(busiest(times("listUsers"))).toBeLessThanOrEqual(20);
  expect(busiest(times("createRule"))).toBeLessThanOrEqual(10);
}, 30_000);

it("A kick may take twenty seconds, as Agora asks, and a question ten.", async () => {
  const { adapter } = await adapterOnAgora();
  vi.mocked(exchange).mockClear();
  await adapter.listParticipants(hall);
  await adapter.kickParticipant(hall, "7");
  expect(vi.mocked(exchange).mock.calls.map(([{ seconds }]) => seconds)).toEqual([10, 20]);
});

it("Other processes' calls may use up the limit: the next try comes a second later.", async () => {
  const { server, adapter } = await adapterOnAgora();
  server.faults.plan(agoraAnswers(429), { api: "listUsers", times: 1 });
  await adapter.listParticipants(hall);
  const [first, second, ...more] = server.calls.map(({ time }) => time);
  expect(more).toEqual([]);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
});
