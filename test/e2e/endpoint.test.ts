import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { ConfigValue } from "../support/stack-types.ts";
import { isThrough } from "../support/through.ts";

let home: LivekitServer;
let elsewhere: LivekitServer;
beforeAll(async () => {
  [home, elsewhere] = await Promise.all([startLivekit(), startLivekit()]);
});

const rooms = (name: string, maxParticipants = 12) => declaring({ [name]: { maxParticipants } });

async function expectRefused(stack: Stack, name: string, args: string[]): Promise<void> {
  const { output } = await stack.run(args, { code: 1 });
  expect(output).toContain(`ENDPOINT_MISMATCH: livekit:${name} belongs to ${home.endpoint}`);
  expect(output).toContain(`but the configuration is for ${elsewhere.endpoint}`);
  expect(output).toContain("pulumi state delete");
}

describe("with the address of another server", () => {
  test("every command is refused and loses nothing; with the old address all works again", async () => {
    const stack = await newStack({ program: rooms("standup"), env: home.env });
    await stack.up();
    const [room, state] = [await roomAt(home, "standup"), await remembered(stack)];

    stack.setEnv(elsewhere.env);
    await expectRefused(stack, "standup", ["preview"]);
    await expectRefused(stack, "standup", ["up", "--yes", "--skip-preview"]);
    await expectRefused(stack, "standup", ["up", "--yes", "--skip-preview", "--refresh"]);
    await expectRefused(stack, "standup", ["refresh", "--yes", "--skip-preview"]);
    await expectRefused(stack, "standup", ["refresh", "--yes", "--skip-preview", "--run-program"]);
    await expectRefused(stack, "standup", ["destroy", "--yes", "--skip-preview"]);
    await expectRefused(stack, "standup", ["destroy", "--yes", "--skip-preview", "--refresh"]);
    stack.write(rooms("standup", 20));
    await expectRefused(stack, "standup", ["up", "--yes", "--skip-preview"]);

    expect(await remembered(stack)).toEqual(state);
    expect(await roomAt(home, "standup")).toEqual(room);
    expect(await elsewhere.service.listRooms()).toEqual([]);

    stack.setEnv(home.env);
    stack.write(rooms("standup"));
    await stack.expectNoChanges(["--refresh"]);
    await stack.destroy();
    expect(await roomAt(home, "standup")).toBeUndefined();
  });

  test("in the stack's config too; the old value and an up bring it back", async () => {
    const at = (server: LivekitServer): Record<string, ConfigValue> =>
      isThrough
        ? { "rtc:endpoint": server.endpoint, "rtc:apiKey": { secret: server.env["RTC_API_KEY"] ?? "" } }
        : {
            "rtc:livekitUrl": server.url,
            "rtc:livekitApiKey": server.apiKey,
            "rtc:livekitApiSecret": { secret: server.apiSecret },
          };
    const stack = await newStack({ program: rooms("config"), config: at(home) });
    await stack.up();
    const [room, state] = [await roomAt(home, "config"), await remembered(stack)];

    for (const [key, value] of Object.entries(at(elsewhere))) await stack.setConfig(key, value);
    await expectRefused(stack, "config", ["up", "--yes", "--skip-preview"]);
    await expectRefused(stack, "config", ["refresh", "--yes", "--skip-preview", "--run-program"]);
    await expectRefused(stack, "config", ["destroy", "--yes", "--skip-preview", "--run-program"]);
    expect(await remembered(stack)).toEqual(state);
    expect(await roomAt(home, "config")).toEqual(room);

    for (const [key, value] of Object.entries(at(home))) await stack.setConfig(key, value);
    expect((await stack.up()).counts).toMatchObject({ create: 0, replace: 0, delete: 0 });
    await stack.expectNoChanges(["--refresh"]);
    await stack.destroy();
    expect(await roomAt(home, "config")).toBeUndefined();
  });

  test("a server that is gone for good is left by taking the room out of the state", async () => {
    const gone = await startLivekit();
    const stack = await newStack({ program: rooms("moved"), env: gone.env });
    await stack.up();
    await gone.stop();
    stack.setEnv(home.env);

    await stack.run(["state", "delete", (await remembered(stack))["moved"]?.urn ?? "", "--yes"]);
    await stack.up();

    expect(await roomAt(home, "moved")).toMatchObject({ maxParticipants: 12 });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("the same address in another spelling is the same server", async () => {
    const stack = await newStack({ program: rooms("spelt"), env: home.env });
    await stack.up();

    const address = `${home.endpoint.replace("http:", "HTTP:")}/`;
    stack.setEnv({ [isThrough ? "RTC_ENDPOINT" : "LIVEKIT_URL"]: address });

    await stack.expectNoChanges(["--refresh"]);
  });
});
