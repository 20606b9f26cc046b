import { describe, expect, it } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { HEAD } from "./fixture.ts";

const laid = (base: string, overlay: string, environment: NodeJS.ProcessEnv = {}) =>
  parseManifest(`${HEAD}${base}`, "rtc.yaml", {
    overlay: { file: "rtc.production.yaml", text: overlay },
    environment,
  });

const rejection = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return error.message;
    throw error;
  }
  throw new Error("This should have been rejected.");
};

describe("an overlay", () => {
  it("is merged key by key, and has the last word", () => {
    const { rooms } = laid(
      "rooms:\n  a: { maxParticipants: 5, region: eu }\n  b: {}\n",
      "rooms:\n  a: { maxParticipants: 50 }\n  c: { adopt: true }\n",
    );
    expect(rooms).toEqual({ a: { maxParticipants: 50, region: "eu" }, b: {}, c: { adopt: true } });
  });

  it("replaces metadata as a whole, nulls in it and all", () => {
    const { rooms } = laid(
      "rooms:\n  a: { metadata: { team: core, tier: 1 } }\n",
      "rooms:\n  a: { metadata: { team: null } }\n",
    );
    expect(rooms["a"]).toEqual({ metadata: { team: null } });
  });

  it("removes with null: a room, a recording, an input, a default", () => {
    const { rooms, recordings } = laid(
      `defaults: { rooms: { maxParticipants: 5 } }
rooms: { a: , b: { emptyTimeoutSeconds: 60 } }
recordings: { b: { room: b } }
`,
      "defaults: ~\nrooms: { a: ~, b: { emptyTimeoutSeconds: ~ } }\nrecordings: { b: ~ }\n",
    );
    expect({ rooms, recordings }).toEqual({ rooms: { b: {} }, recordings: {} });
  });

  it("that removes what does not exist is rejected: the name is probably misspelt", () => {
    expect(rejection(() => laid("rooms: { hall: {} }\n", "rooms:\n  hal: ~\n"))).toContain(
      "rtc.production.yaml:2:3: rooms.hal: is not in the manifest below, so there is nothing to remove",
    );
  });

  it("of another project is rejected: it decides the ownership of rooms", () => {
    expect(rejection(() => laid("rooms: { a: {} }\n", "project: other\n"))).toContain(
      "rtc.production.yaml:1:10: project: must be that of the manifest below",
    );
    expect(laid("rooms: { a: {} }\n", "apiVersion: rtc/v1\nproject: acme\n").project).toBe("acme");
  });

  it("and its base report every problem at once, each in the file where it is to be repaired", () => {
    const message = rejection(() =>
      laid(
        "rooms:\n  a: { maxParticipant: 1 }\n  b: { adopt: true }\n",
        "rooms:\n  b:\n    adopt: maybe\n  c: { vendro: x }\n",
      ),
    );
    expect(message.split("\n").filter((line) => /^ {2}\S/.test(line))).toEqual([
      "  rtc.yaml:4:8: rooms.a.maxParticipant: is not known; did you mean maxParticipants?",
      "  rtc.production.yaml:3:12: rooms.b.adopt: must be true or false",
      "  rtc.production.yaml:4:8: rooms.c.vendro: is not known; did you mean vendor?",
    ]);
  });

  it("may be empty", () => {
    expect(laid("rooms: { a: {} }\n", "{}\n").rooms).toEqual({ a: {} });
    expect(laid("rooms: { a: {} }\n", "# nothing to change\n").rooms).toEqual({ a: {} });
  });
});
