import { createHash } from "node:crypto";
import { AccessToken } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { receiveWebhook, webhookVendors } from "../../../src/client/webhooks.ts";
import { API_KEY, API_SECRET, adapterAt } from "./fixture.ts";

/* Webhooks of a LiveKit server, which the SDK's receiver verifies. */

/** Signs a delivery as the server does. */
async function signed(body: string, { key = API_KEY, secret = API_SECRET, ttl = 300 } = {}): Promise<string> {
  const token = new AccessToken(key, secret, { ttl });
  token.sha256 = createHash("sha256").update(body).digest("base64");
  return token.toJwt();
}

const event = (name: string, more: object) =>
  JSON.stringify({ event: name, id: "EV_1", newField: 1, ...more });
const finished = event("room_finished", { room: { name: "hall", sid: "RM_1" } });
const rejected = expect.objectContaining({ code: "UNAUTHENTICATED", vendor: "livekit" });

test("names the room that has closed, and that of a recording that has ended", async () => {
  const { webhooks } = adapterAt("ws://127.0.0.1:1");
  expect(await webhooks?.receive(finished, await signed(finished))).toEqual({
    event: "room_finished",
    places: [{ region: null, name: "hall" }],
  });
  const ended = event("egress_ended", { egressInfo: { egressId: "EG_1", roomName: "hall" } });
  expect(await webhooks?.receive(ended, await signed(ended))).toEqual({
    event: "egress_ended",
    places: [{ region: null, name: "hall" }],
  });
});

test.each([
  "room_started",
  "participant_joined",
  "participant_left",
  "track_published",
  "egress_updated",
  "of_the_future",
])("leaves out %s, after which nothing declared differs", async (name) => {
  const body = event(name, { room: { name: "hall" }, egressInfo: { roomName: "hall" } });
  expect(await adapterAt("ws://127.0.0.1:1").webhooks?.receive(body, await signed(body))).toBeUndefined();
});

test("rejects what no configured key has signed, another body, and a signature that has expired", async () => {
  const receive = adapterAt("ws://127.0.0.1:1").webhooks?.receive;
  await expect(receive?.(finished, undefined)).rejects.toEqual(rejected);
  await expect(receive?.(finished, await signed(finished, { secret: "another" }))).rejects.toEqual(rejected);
  await expect(receive?.(finished, await signed(finished, { key: "another" }))).rejects.toEqual(rejected);
  await expect(receive?.(finished, await signed(`${finished} `))).rejects.toEqual(rejected);
  await expect(receive?.(finished, await signed(finished, { ttl: -60 }))).rejects.toEqual(rejected);
  const withoutSum = await new AccessToken(API_KEY, API_SECRET).toJwt();
  await expect(receive?.(finished, withoutSum)).rejects.toEqual(rejected);
  await expect(receive?.("no JSON", await signed("no JSON"))).rejects.toEqual(rejected);
});

test("goes by the key which region it is about, and names each region that shares the key", async () => {
  const eu = {
    url: "wss://eu.example.com",
    apiKey: "APIeu",
    apiSecret: "eu-secret-of-32-characters-and-more",
  };
  const config = { livekitRegions: { eu, "eu-2": { ...eu, url: "wss://eu-2.example.com" } } };
  const receive = (authorization: string) => receiveWebhook(config, "livekit", finished, authorization);
  expect(await receive(await signed(finished, { key: eu.apiKey, secret: eu.apiSecret }))).toEqual({
    event: "room_finished",
    rooms: ["livekit@eu:hall", "livekit@eu-2:hall"],
  });
  await expect(receive(await signed(finished))).rejects.toEqual(rejected);
});

test("needs a key, and a vendor with webhooks", async () => {
  expect(webhookVendors()).toEqual(["livekit"]);
  await expect(receiveWebhook({}, "livekit", finished, "x")).rejects.toMatchObject({
    code: "NOT_CONFIGURED",
  });
  for (const vendor of ["agora", "acme", "__proto__", "constructor"])
    await expect(receiveWebhook({}, vendor, finished, "x")).rejects.toMatchObject({
      code: "UNKNOWN_ADDRESS",
    });
});
