import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import { type ProblemAnswer, problemOf } from "../../../src/gateway/http/problem.ts";
import { bodyOf } from "../../../src/gateway/http/route.ts";
import { type Serving, serve } from "../../../src/gateway/http/serve.ts";

/* Bodies as they come over a connection. */

let server: Serving;
let begun = 0;
const rejected: ProblemAnswer[] = [];
beforeAll(async () => {
  const app = new Hono<GatewayEnv>();
  app.onError((error, c) => {
    const answer = problemOf(error, "r");
    rejected.push(answer);
    return c.json(answer.body, 400);
  });
  app.post("/", async (c) => {
    begun += 1;
    return Response.json(await bodyOf(c));
  });
  server = await serve(app, { host: "127.0.0.1", port: 0 });
});
afterAll(() => server.stop());

const send = async (body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
  const response = await fetch(server.address, { method: "POST", body, headers });
  return { ok: response.ok, body: await response.json() };
};
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

it("A body that is not UTF-8 is rejected, rather than read as another name", async () => {
  const { body } = await send(latin1('{"name":"caf\u00e9"}'));
  expect(body).toMatchObject({ status: 400, errors: [{ pointer: "", message: "the body is not UTF-8" }] });
  expect(await send(new TextEncoder().encode('{"name":"caf\u00e9"}'))).toEqual({
    ok: true,
    body: { name: "caf\u00e9" },
  });
});

it("A compressed body, which the gateway does not unpack, is rejected with 415", async () => {
  const { body } = await send(new Uint8Array(gzipSync('{"name":"a"}')), { "content-encoding": "gzip" });
  expect(body).toMatchObject({ status: 415, detail: expect.stringContaining("without a Content-Encoding") });
});

it("A client that goes away in the middle of its body is no failure of the gateway's", async () => {
  const before = begun;
  rejected.length = 0;
  const leaving = request(server.address, { method: "POST", headers: { "content-length": "20" } });
  leaving.on("error", () => {}).write('{"n');
  await expect.poll(() => begun, { timeout: 10_000 }).toBe(before + 1);
  leaving.destroy();
  await expect.poll(() => rejected.map(({ status }) => status), { timeout: 10_000 }).toEqual([400]);
});
