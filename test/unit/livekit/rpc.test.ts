import { EgressClient, RoomServiceClient } from "livekit-server-sdk";
import { describe, expect, it, vi } from "vitest";
import { exchange } from "../../../src/support/http.ts";
import { sendingBy } from "../../../src/vendors/livekit/rpc.ts";
import { hurry } from "../../support/twirp.ts";
import { adapterOnTwirp, wireEgress } from "./fixture.ts";

vi.mock("../../../src/support/http.ts", { spy: true });

const sending = { endpoint: "http://127.0.0.1:9", seconds: 1, requestId: "x" };

describe("the SDK's clients send through our exchange", () => {
  it("in this version of the SDK; in one that is built otherwise nothing is sent, and the error reports it", () => {
    for (const Client of [RoomServiceClient, EgressClient]) {
      const client = new Client("http://127.0.0.1:9", "key", "secret");
      const before: unknown = Reflect.get(client, "rpc");
      expect(Reflect.get(sendingBy(sending, client), "rpc")).not.toBe(before);
    }
    for (const other of [{}, { rpc: undefined }, { rpc: {} }, { transport: { request: () => {} } }]) {
      expect(() => sendingBy(sending, other)).toThrow(
        expect.objectContaining({ code: "INTERNAL", message: expect.stringContaining("install version 2.") }),
      );
    }
  });

  it("with a token of their own, and each try of a call with the same id", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    vi.mocked(exchange).mockClear();
    server.on("ListRooms", "cut", {});
    await adapter.listRooms(null);
    await adapter.listRooms(null);

    const sent = vi.mocked(exchange).mock.calls.map(([request]) => request);
    expect(sent.map(({ url }) => url)).toEqual(
      Array(3).fill(`${server.url}/twirp/livekit.RoomService/ListRooms`),
    );
    for (const { headers } of sent) {
      expect(headers?.["authorization"] ?? headers?.["Authorization"]).toMatch(/^Bearer eyJ/);
      expect(headers?.["content-type"]).toBe("application/json");
    }
    const [first, again, another] = sent.map(({ headers }) => headers?.["x-livekit-request-id"]);
    expect(again).toBe(first);
    expect(another).not.toBe(first);
  });

  it("for every page of a listing of recordings, also where a server names a page again", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const page = (id: string, token?: string) => ({
      body: {
        items: [{ ...wireEgress, egress_id: id }],
        ...(token === undefined ? {} : { next_page_token: { token } }),
      },
    });
    server.on("ListEgress", page("EG_1", "second"), page("EG_2", "third"), page("EG_3", "second"));
    const all = await recordings.list(null, { active: true });
    expect(all.map(({ recording }) => recording)).toEqual([1, 2, 3].map((n) => `livekit:EG_${n}`));
    expect(server.calls.map(({ body }) => body)).toEqual([
      { active: true },
      { active: true, pageToken: { token: "second" } },
      { active: true, pageToken: { token: "third" } },
    ]);
  });
});
