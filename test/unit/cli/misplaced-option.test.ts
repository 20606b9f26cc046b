import { Command } from "commander";
import { expect, test } from "vitest";
import { inputOptions } from "../../../src/cli/input-options.ts";
import { placeOfOption } from "../../../src/cli/misplaced-option.ts";

const program = new Command("rtc");
const up = program.command("up");
const create = inputOptions("roomInput", ["emptyTimeoutSeconds", "metadata"]).addTo(
  program.command("rooms").command("create"),
);
inputOptions("tokenInput", ["ttlSeconds"]).addTo(program.command("token"));

test.each<[Command, string, string | undefined]>([
  [create, "--empty-timeout-seconds", "emptyTimeoutSeconds is --empty-timeout here"],
  [create, "--emptyTimeoutSeconds=300", "emptyTimeoutSeconds is --empty-timeout here"],
  [
    ...([up, "--emptyTimeoutSeconds"] as const),
    "emptyTimeoutSeconds is a setting of a room in rtc.yaml, or --empty-timeout of rtc rooms create",
  ],
  [up, "--ttl_s", "ttlSeconds is --ttl of rtc token"],
  [
    ...([up, "--metadata"] as const),
    "metadata is a setting of a room and of a recording in rtc.yaml, or --metadata of rtc rooms create",
  ],
  [up, "--restart-policy", "restartPolicy is a setting of a recording in rtc.yaml"],
  [up, "--frobnicate", undefined],
  [up, "--to-string", undefined],
  [up, "--proto__", undefined],
  [up, `--${"a".repeat(100)}`, undefined],
])("An option is placed: %#", async (command, option, place) => {
  expect(await placeOfOption(program, command, `error: unknown option '${option}'`)).toBe(place);
});
