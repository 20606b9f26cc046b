import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { DriftSender, DriftWebhook } from "../../../src/cli/drift-webhook.ts";
import type { DriftResult } from "../../../src/cli/report/drift-report.ts";
import { SECRET, startReceiver } from "../../support/receiver.ts";

/* Drift that is sent to a webhook, over HTTP. */

const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end(SECRET);
const nothing: DriftResult = { project: "acme", stack: "dev", drifted: false, resources: [], errors: [] };
const drift = (name: string): DriftResult => ({
  ...nothing,
  drifted: true,
  resources: [{ kind: "room", name, id: `livekit:${name}`, class: "deleted", fields: [], messages: [] }],
});

/** A sender, and its warnings. */
function sending(url: string | undefined) {
  const warnings: string[] = [];
  return { warnings, sender: new DriftSender(url, { warn: (text) => void warnings.push(text) }) };
}

test("is a POST of the JSON of rtc drift", async () => {
  const { received, url } = await startReceiver();
  await new DriftWebhook(url).send(drift("hall"));
  expect(received).toEqual([
    { method: "POST", path: `/${SECRET}`, type: "application/json", body: drift("hall") },
  ]);
});

test("is tried three times where the server fails or breaks off, and then accepted", async () => {
  const { received, url } = await startReceiver(status(503), (response) => void response.destroy());
  await new DriftWebhook(url).send(drift("hall"));
  expect(received).toHaveLength(3);
});

test.each([
  ["a rejection, which is not repeated", [status(404)], 1, "VENDOR_ERROR", "it answered with 404"],
  ["a redirect, which is not followed", [status(302)], 1, "VENDOR_ERROR", "it answered with 302"],
  ["three failures", [status(500), status(429), status(503)], 3, "UNAVAILABLE", "it answered with 503"],
])("fails after %s", async (_what, answers, tries, code, text) => {
  const { received, url } = await startReceiver(...answers);
  const failure = new DriftWebhook(url).send(drift("hall"));
  await expect(failure).rejects.toMatchObject({
    code,
    message: `drift was not sent to the webhook of --webhook or RTC_DRIFT_WEBHOOK: ${text}`,
  });
  expect(received).toHaveLength(tries);
});

test("fails as a warning, which quotes nothing of the address, neither where it cannot be reached", async () => {
  const { port, url, close } = await startReceiver(status(404));
  const { warnings, sender } = sending(url.replace("http://", `http://user:${SECRET}@`));
  sender.send(drift("hall"));
  await sender.settled();
  close();
  sender.send(drift("other"));
  await sender.settled();
  expect(warnings).toEqual([
    expect.stringMatching(/: it answered with 404$/),
    expect.stringMatching(/: it (cannot be reached|broke off the connection)$/),
  ]);
  expect(warnings.join()).not.toMatch(new RegExp(`canary|127\\.0\\.0\\.1|${port}`));
});

test.each(["", undefined])("is not sent without an address: %o", async (url) => {
  const { sender, warnings } = sending(url);
  sender.send(drift("hall"));
  await sender.settled();
  expect(warnings).toEqual([]);
});

test.each(["secret-canary", "ftp://secret-canary", "https://", "http://secret canary"])(
  "rejects what is no http(s) address, and does not quote it: %s",
  (url) => {
    expect(() => new DriftWebhook(url)).toThrow(
      "the address of the drift webhook is no http(s) address: correct --webhook or RTC_DRIFT_WEBHOOK",
    );
  },
);

test("is sent once as long as it is the same, and once that there is none any more", async () => {
  const { received, url } = await startReceiver();
  const { sender } = sending(url);
  const rounds = [nothing, drift("a"), drift("a"), drift("b"), nothing, nothing, drift("b")];
  for (const found of rounds) {
    sender.send(found);
    await sender.settled();
  }
  expect(received.map(({ body }) => body)).toEqual([drift("a"), drift("b"), nothing, drift("b")]);
});

test("is not over because some rooms have none", async () => {
  const { received, url } = await startReceiver();
  const { sender } = sending(url);
  sender.send(drift("a"));
  sender.send(nothing, true);
  await sender.settled();
  expect(received).toHaveLength(1);
});

test("is sent again after a failure, and what could not be observed counts as drift", async () => {
  const { received, url } = await startReceiver(status(404));
  const { sender } = sending(url);
  const unknown: DriftResult = {
    ...nothing,
    errors: [{ resource: "hall", message: "UNAVAILABLE: away", code: "UNAVAILABLE" }],
  };
  for (const _ of [1, 2, 3]) {
    sender.send(unknown);
    await sender.settled();
  }
  expect(received).toHaveLength(2);
});

test("does not keep a round waiting: of what comes while it is sent, only the last is sent", async () => {
  let release = () => {};
  const { received, url } = await startReceiver((response) => {
    release = () => void response.end();
  });
  const { sender } = sending(url);
  sender.send(drift("a"));
  await expect.poll(() => received.length).toBe(1);
  for (const name of ["b", "c"]) sender.send(drift(name));
  release();
  await sender.settled();
  expect(received.map(({ body }) => body)).toEqual([drift("a"), drift("c")]);
});
