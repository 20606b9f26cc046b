import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { roomAt, roomsInState } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { ConfigValue, Result } from "../support/stack-types.ts";
import { isThrough } from "../support/through.ts";
import { changesIn } from "../support/world.ts";

const rooms = (maxParticipants: number) => declaring({ standup: { maxParticipants } });

/** What a stack manages, and what two servers have of it. */
async function observe(stack: Stack, home: LivekitServer, elsewhere: LivekitServer) {
  return [await roomsInState(stack), await roomAt(home, "standup"), await elsewhere.service.listRooms()];
}

function expectRejection({ code, output }: Result, home: LivekitServer, elsewhere: LivekitServer): void {
  expect(code).toBe(1);
  expect(output).toContain(`ENDPOINT_MISMATCH: livekit:standup belongs to ${home.endpoint}`);
  expect(output).toContain(`but the configuration is for ${elsewhere.endpoint}`);
  expect(output).toContain("pulumi state delete");
}

describe("With the address of another server in the environment", () => {
  let home: LivekitServer;
  let elsewhere: LivekitServer;
  let [before, after, moved]: unknown[] = [];
  const ran = {} as Record<"preview" | "up --refresh" | "refresh" | "destroy" | "returned", Result>;

  beforeAll(async () => {
    [home, elsewhere] = await Promise.all([startLivekit(), startLivekit()]);
    const stack = await newStack({ program: rooms(12), env: home.env });
    await stack.up();
    before = await observe(stack, home, elsewhere);
    stack.setEnv(elsewhere.env);
    stack.write(rooms(20));
    ran.preview = await stack.preview([], { code: "any" });
    ran["up --refresh"] = await stack.up(["--refresh"], { code: "any" });
    ran.refresh = await stack.refresh([], { code: "any" });
    ran.destroy = await stack.destroy([], { code: "any" });
    after = await observe(stack, home, elsewhere);

    const spelling = `${home.endpoint.replace("http:", "HTTP:")}/`;
    stack.setEnv({ ...home.env, [isThrough ? "RTC_ENDPOINT" : "LIVEKIT_URL"]: spelling });
    stack.write(rooms(12));
    ran.returned = await stack.expectNoChanges(["--refresh"], { code: "any" });

    await home.stop();
    stack.setEnv(elsewhere.env);
    await stack.run(["state", "delete", (await roomsInState(stack))["standup"]?.urn ?? "", "--yes"]);
    await stack.up();
    moved = await roomAt(elsewhere, "standup");
  });

  test.each(["up --refresh", "refresh", "destroy"] as const)("%s is rejected", (command) => {
    expectRejection(ran[command], home, elsewhere);
  });

  test("a preview warns that up will reject the room", () => {
    const words = `warning: up will reject this: livekit:standup belongs to ${home.endpoint}`;
    expect(ran.preview.output).toContain(words);
    expect(ran.preview.code).toBe(0);
  });

  test("every command loses nothing", () => expect(after).toEqual(before));

  test("the old address in another spelling is the same server, where every command works again", () => {
    expect(ran.returned.output).not.toContain("ENDPOINT_MISMATCH");
    expect(ran.returned.code).toBe(0);
  });

  test("a room of a server that is gone for good can be removed from the state", () => {
    expect(moved).toMatchObject({ maxParticipants: 12 });
  });
});

describe("With the address of another server in the stack's config", () => {
  let home: LivekitServer;
  let elsewhere: LivekitServer;
  let [before, after, ended]: unknown[] = [];
  const ran = {} as Record<"up" | "refresh" | "destroy" | "returned", Result>;

  beforeAll(async () => {
    [home, elsewhere] = await Promise.all([startLivekit(), startLivekit()]);
    const at = ({ url, endpoint, apiKey, apiSecret, env }: LivekitServer): Record<string, ConfigValue> =>
      isThrough
        ? { "rtc:endpoint": endpoint, "rtc:apiKey": { secret: env["RTC_API_KEY"] ?? "" } }
        : {
            "rtc:livekitUrl": url,
            "rtc:livekitApiKey": apiKey,
            "rtc:livekitApiSecret": { secret: apiSecret },
          };
    const stack = await newStack({ program: rooms(12), config: at(home) });
    const configure = async (server: LivekitServer) => {
      for (const [key, value] of Object.entries(at(server))) await stack.setConfig(key, value);
    };
    await stack.up();
    before = await observe(stack, home, elsewhere);
    await configure(elsewhere);
    ran.up = await stack.up([], { code: "any" });
    ran.refresh = await stack.refresh(["--run-program"], { code: "any" });
    ran.destroy = await stack.destroy(["--run-program"], { code: "any" });
    after = await observe(stack, home, elsewhere);

    await configure(home);
    ran.returned = await stack.up();
    await stack.destroy(["--refresh"]);
    ended = await roomAt(home, "standup");
  });

  test.each(["up", "refresh", "destroy"] as const)("%s is rejected", (command) => {
    expectRejection(ran[command], home, elsewhere);
  });

  test("every command loses nothing", () => expect(after).toEqual(before));

  test("the old value and an up bring it back", () => {
    expect(changesIn(ran.returned)).toEqual([]);
    expect(ended).toBeUndefined();
  });
});
