import { z } from "zod";
import type { Capability } from "../src/contract/capabilities";
import {
  discoveryRecord,
  participantRecord,
  recordingRecord,
  roomRecord,
  tokenRecord,
} from "../src/contract/records";
import { fromWire, toWire } from "../src/contract/wire";
import { type Counts, readCounts } from "./metrics";

// Else zod tries to compile its schemas, which the page's policy forbids.
z.config({ jitless: true });

// A room's id is checked in bytes, by Node's means.
const room = roomRecord.extend({ room: z.string() });
const rooms = z.object({ items: z.array(room), nextCursor: z.string().optional() });
const recordings = z.object({ items: z.array(recordingRecord) });
const participants = z.object({ items: z.array(participantRecord) });
const readiness = z.object({ vendors: z.record(z.string(), z.string()) });
const problem = z.object({ code: z.string(), detail: z.string() });
const errors = z.object({
  items: z.array(
    z.object({
      at: z.string(),
      requestId: z.string(),
      operation: z.string().optional(),
      status: z.number(),
      code: z.string(),
      vendor: z.string().optional(),
      message: z.string().optional(),
    }),
  ),
});

export type Room = z.output<typeof room>;
export type Recording = z.output<typeof recordingRecord>;
export type Participant = z.output<typeof participantRecord>;
export type Discovery = z.output<typeof discoveryRecord>;
export type AccessToken = z.output<typeof tokenRecord>;
export type FailedRequest = z.output<typeof errors>["items"][number];

/** How many pages of rooms are read: a page has a hundred. */
const PAGES = 5;

/** A request that the gateway did not do. */
export class Problem extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}

/** What has been thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem("INTERNAL", String(error));
}

/** The gateway that serves this page, with a key. */
export class Gateway {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** @throws Problem where the gateway does not accept the key */
  async check(): Promise<void> {
    await this.#fetch("v1/rtc/room/list?limit=1");
  }

  /** The open rooms, by id; `more` where there are others that were not read. */
  async rooms(): Promise<{ items: Room[]; more: boolean }> {
    const items: Room[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const query = new URLSearchParams({ limit: "100", ...(cursor !== undefined && { cursor }) });
      const answer = rooms.parse(await this.#ask(`v1/rtc/room/list?${query}`));
      items.push(...answer.items);
      cursor = answer.nextCursor;
      if (cursor === undefined) return { items, more: false };
    }
    return { items, more: true };
  }

  /** The recordings that the vendors know. */
  async recordings(): Promise<Recording[]> {
    return recordings.parse(await this.#ask("v1/rtc/recording/list")).items;
  }

  async participants(id: string): Promise<Participant[]> {
    return participants.parse(await this.#ask(`v1/rtc/participant/list/${encodeURIComponent(id)}`)).items;
  }

  /** A token for a room: its record, with which a join brings it back as it was, or its id. */
  async token(of: Room | string, identity: string): Promise<AccessToken> {
    const named = typeof of === "string" ? of : settingsOf(of);
    const body = JSON.stringify(toWire({ room: named, identity }));
    return tokenRecord.parse(await this.#ask("v1/rtc/token/issue", body));
  }

  /** Which vendors can do something, and why the others cannot. */
  async discover(capability: Capability): Promise<Discovery> {
    return discoveryRecord.parse(await this.#ask(`v1/discovery/${capability}`));
  }

  /** How each configured vendor answers: `ok`, or the code of its error. */
  async vendorStates(): Promise<Record<string, string>> {
    const response = await fetch("readyz"); // 503 has the same body
    return readiness.parse(await response.json()).vendors;
  }

  async counts(): Promise<Counts> {
    return readCounts(await (await this.#fetch("metrics")).text());
  }

  /** The last failed requests, the newest first. */
  async errors(): Promise<FailedRequest[]> {
    return errors.parse(await this.#ask("errors")).items;
  }

  async #ask(path: string, body?: string): Promise<unknown> {
    return fromWire(await (await this.#fetch(path, body)).json());
  }

  async #fetch(path: string, body?: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#key}`, "content-type": "application/json" };
    const asked = body === undefined ? { headers } : { method: "POST", headers, body };
    const response = await fetch(path, asked).catch(() => {
      throw new Problem("UNAVAILABLE", "the gateway does not answer");
    });
    if (response.ok) return response;
    const { success, data } = problem.safeParse(await response.json().catch(() => undefined));
    throw success
      ? new Problem(data.code, data.detail)
      : new Problem("UNAVAILABLE", `status ${response.status}`);
  }
}

/** What a token takes from a room. */
function settingsOf({
  room,
  maxParticipants,
  emptyTimeoutSeconds,
  departureTimeoutSeconds,
  metadata,
}: Room): object {
  return { room, maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds, metadata };
}
