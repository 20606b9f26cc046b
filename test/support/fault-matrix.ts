import type { Fault } from "./proxy-faults.ts";

/** What a program asks for, and the call to the vendor that goes wrong. */
export const OPERATIONS = {
  create: "CreateRoom",
  update: "UpdateRoomMetadata",
  delete: "DeleteRoom",
  start: "StartRoomCompositeEgress",
  stop: "StopEgress",
} as const;

export type Operation = keyof typeof OPERATIONS;

/** How every try of a call fails. After: the server has acted, and its answer is lost or spoilt. */
export interface Failing {
  fault: Fault;
  when: "before" | "after";
  /** What is reported. */
  cause: RegExp;
  /** The operations that read and find that the server has acted. */
  succeed?: Operation[];
}

/** An answer with which the server rejects a call. */
export const rejection = (status: number, msg: string, headers = {}): Fault => ({
  status,
  body: { code: "unavailable", msg },
  headers,
});
const SILENT = /http:\/\/127\.0\.0\.1:\d+ did not answer within \d+(\.\d)? seconds/;
const BROKEN = /http:\/\/127\.0\.0\.1:\d+ broke off the connection/;

/** The faults that show at once. */
export const QUICK: Record<string, Failing> = {
  "a 429 with Retry-After": {
    fault: rejection(429, "slow down", { "retry-after": "600" }),
    when: "before",
    cause: /try again in 600 seconds: slow down/,
  },
  "a 500": { fault: rejection(500, "boom"), when: "before", cause: /HTTP 500: boom/ },
  "a 503": { fault: rejection(503, "shutting down"), when: "before", cause: /shutting down/ },
  "a reset": { fault: "reset", when: "before", cause: BROKEN },
  "a response lost after commit": { fault: "reset", when: "after", cause: BROKEN, succeed: ["start"] },
  "truncated JSON": {
    fault: { status: 200, body: '{"name":"hal' },
    when: "after",
    cause: /that is not JSON: is it a LiveKit server/,
    succeed: ["start"],
  },
  "a body of 100 MB": {
    fault: "huge",
    when: "after",
    cause: /answered with more than (1|32) MiB/,
    succeed: ["start", "stop"],
  },
};
/** Those that a deadline ends. */
export const SLOW: Record<string, Failing> = {
  "a slow drip": { fault: "drip", when: "after", cause: SILENT, succeed: ["start"] },
  "a black hole": { fault: "silence", when: "before", cause: SILENT },
};

/** A room to be changed, one to be deleted, and a recording to be stopped. */
export function before(key: string): string {
  return programOf(key, { update: { v: 1 }, delete: {}, hall: {}, stage: {} }, { stop: "stage" });
}

/** All of that done, a new room, and a recording to be started. */
export function after(key: string): string {
  return programOf(key, { create: {}, update: { v: 2 }, hall: {}, stage: {} }, { start: "hall" });
}

/** Rooms with their metadata, and recordings with their room. */
function programOf(key: string, rooms: Record<string, object>, recordings: Record<string, string>): string {
  const lines = [
    ...Object.entries(rooms).map(([name, metadata]) => {
      const inputs = JSON.stringify({ metadata, emptyTimeoutSeconds: 600 });
      return `rooms.${name} = new rtc.RtcRoom("${key}-${name}", ${inputs});`;
    }),
    ...Object.entries(recordings).map(([name, room]) => {
      const inputs = `{ room: rooms.${room}, audioOnly: true, outputUri: "out/" }`;
      return `new rtc.RtcRecording("${key}-${name}", ${inputs});`;
    }),
  ];
  return ['const rtc = require("pulumi-rtc");', "const rooms = {};", ...lines].join("\n");
}
