import { describe, expect, it } from "vitest";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { agoraAnswers } from "../../emulators/agora.ts";
import type { Fault } from "../../emulators/faults.ts";
import { addressOfNobody, hurry, hurryDeadlines } from "../../support/twirp.ts";
import { account, adapterOnAgora, CERTIFICATE, failure, hall, SECRET } from "./fixture.ts";

const ACCOUNT =
  /check rtc:agoraCustomerId \(or AGORA_CUSTOMER_ID\) and rtc:agoraCustomerSecret .*rtc:agoraAppId .*account/;
const BASE_URL = /is it Agora's REST API\? See rtc:agoraBaseUrl \(or AGORA_BASE_URL\)/;

const answer = (status: number, body: object | string, headers: Record<string, string> = {}): Fault => ({
  kind: "answer",
  status,
  body,
  headers,
});

/** What a server answers, the error that it is, and whether it is worth another try. */
const ANSWERS: Record<string, [Fault, code: string, retryable: boolean, message: RegExp]> = {
  "400": [agoraAnswers(400, "invalid appid"), "INVALID_ARGUMENT", false, /HTTP 400: invalid appid/],
  "401": [agoraAnswers(401), "UNAUTHENTICATED", false, ACCOUNT],
  "403": [agoraAnswers(403), "PERMISSION_DENIED", false, /Forbidden/],
  "404": [agoraAnswers(404), "VENDOR_ERROR", false, BASE_URL],
  "404 of something else": [answer(404, "<h1>default backend</h1>"), "VENDOR_ERROR", false, BASE_URL],
  "408": [answer(408, ""), "DEADLINE_EXCEEDED", true, /HTTP 408/],
  "413": [answer(413, "too large"), "PAYLOAD_TOO_LARGE", false, /HTTP 413/],
  "415": [agoraAnswers(415), "VENDOR_ERROR", false, /HTTP 415: Unsupported media type/],
  "429": [agoraAnswers(429), "RATE_LIMITED", true, /Too many requests/],
  "500": [agoraAnswers(500), "VENDOR_ERROR", true, /HTTP 500: Internal server error/],
  "500 with a reason": [answer(500, { reason: "boom" }), "VENDOR_ERROR", true, /HTTP 500: boom/],
  "502 of a proxy": [answer(502, "<html>"), "VENDOR_ERROR", true, /HTTP 502/],
  "503": [agoraAnswers(503), "UNAVAILABLE", true, /Service unavailable/],
  "504": [agoraAnswers(504), "DEADLINE_EXCEEDED", true, /Gateway timeout/],
  "a redirect": [
    answer(302, "", { location: "https://elsewhere.example/" }),
    "VENDOR_ERROR",
    false,
    /HTTP 302/,
  ],
  "200 without success": [
    answer(200, { success: false, message: "not today", status: "failure" }),
    "VENDOR_ERROR",
    false,
    /not today/,
  ],
  "200 with a web page": [answer(200, "<html>"), "VENDOR_ERROR", true, BASE_URL],
  "200 with nothing": [answer(200, ""), "VENDOR_ERROR", true, BASE_URL],
  "200 with JSON of another kind": [answer(200, { success: true }), "VENDOR_ERROR", false, BASE_URL],
  "half an answer": [{ kind: "truncated" }, "UNAVAILABLE", true, /broke off/],
  "an answer that does not end": [{ kind: "huge", bytes: 2 ** 24 }, "VENDOR_ERROR", false, /more than 1 MiB/],
  "a connection that breaks": [{ kind: "reset" }, "UNAVAILABLE", true, /http:\/\/127.* broke off/],
};

describe("an Agora that answers", () => {
  describe.each(Object.entries(ANSWERS))("%s", (_name, [fault, code, retryable, message]) => {
    it("to a question is distinguished from the others", async () => {
      hurry();
      const { server, adapter } = await adapterOnAgora();
      server.faults.plan(fault);
      const error = await failure(adapter.listParticipants(hall));
      expect(error).toMatchObject({ code, retryable, vendor: "agora", operation: "GET channel/user" });
      expect(error.message).toMatch(message);
      expect(server.calls, "tries").toHaveLength(retryable ? 3 : 1);
    });

    it("to a kick, and to the end of a room, is too", async () => {
      hurry();
      const { server, adapter } = await adapterOnAgora();
      server.faults.plan(fault);
      for (const call of [() => adapter.kickParticipant(hall, "7"), () => adapter.deleteRoom(hall)]) {
        expect(await failure(call())).toMatchObject({ code, retryable, operation: "POST kicking-rule" });
      }
      expect(server.calls, "tries").toHaveLength(retryable ? 6 : 2);
    });
  });

  it("not at all is given up after a deadline", async () => {
    hurry();
    const { server, adapter } = await adapterOnAgora();
    hurryDeadlines(1_000);
    server.faults.plan({ kind: "silence" });
    const error = await failure(adapter.listRooms(null));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
    expect(error.message).toContain("did not answer within 10 seconds");
  });

  it("nowhere is named, with the key to check", async () => {
    hurry();
    const agoraBaseUrl = await addressOfNobody();
    const error = await failure(agora.adapter({ ...account(), agoraBaseUrl }).listRooms(null));
    expect(error).toMatchObject({ code: "UNAVAILABLE", retryable: true });
    expect(error.message).toBe(
      `agora GET channel: cannot reach ${agoraBaseUrl} (ECONNREFUSED): check rtc:agoraBaseUrl (or AGORA_BASE_URL)`,
    );
  });

  it("to wait is waited for, and reported where that is too long", async () => {
    hurry();
    const { server, adapter } = await adapterOnAgora();
    const wait = (seconds: string) => answer(429, { message: "slow down" }, { "retry-after": seconds });
    server.faults.plan(wait("0"), { times: 1 });
    expect(await adapter.listRooms(null)).toEqual([]);
    server.faults.plan(wait("3600"), { times: 1 });
    const error = await failure(adapter.listRooms(null));
    expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: 3_600 });
    expect(server.calls).toHaveLength(3);
  });

  it("with an id for its support passes it on", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.faults.plan(answer(400, { message: "no" }, { "x-request-id": "4a-7" }));
    expect((await failure(adapter.listRooms(null))).message).toBe(
      "agora GET channel: HTTP 400: no (X-Request-ID 4a-7)",
    );
  });

  it.each([0, 300, 350, 360, 370, 380, 390])(
    "with secrets after %i characters keeps them out of the error, cut or whole",
    async (before) => {
      hurry();
      const { server, adapter, config } = await adapterOnAgora();
      const sent = Buffer.from(`${config.agoraCustomerId}:${SECRET}`).toString("base64");
      const secrets = [
        SECRET,
        CERTIFICATE,
        sent,
        config.agoraCustomerId ?? "",
        "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJBIn0.c2ln",
      ];
      server.faults.plan(answer(500, { message: `${".".repeat(before)}${secrets.join(" ")}` }));
      const error = await failure(adapter.listRooms(null));
      const text = `${error.message}${error.stack}${JSON.stringify(error)}`;
      for (const secret of ["canary", "5CFd", sent.slice(0, 8), "eyJ"]) expect(text).not.toContain(secret);
      expect(error.message.length).toBeLessThanOrEqual(400);
    },
  );
});
