import { expect, it } from "vitest";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { adapterOnAgora } from "./fixture.ts";

/** The most calls within any second. */
function busiest(times: number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));
}

it("A burst of calls to Agora waits its turn, over all clients and regions of an account, and is not refused.", async () => {
  const { server, config } = await adapterOnAgora();
  const clients = [agora(config), agora(config), agora(config)];
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
