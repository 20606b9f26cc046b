import { Command } from "commander";
import { expect, test } from "vitest";
import { inputOptions } from "../../../src/cli/input-options.ts";

const room = inputOptions("roomInput", [
  ...(["vendor", "maxParticipants", "emptyTimeoutSeconds", "metadata"] as const),
]);
const token = inputOptions("tokenInput", ["ttlSeconds", "canPublish", "canPublishData", "isAdmin"], {
  canPublishData: "data",
});
const recording = inputOptions("recordingInput", ["layout", "audioOnly", "outputUri"], {
  outputUri: "output",
});

/** A command with options, after a command line. */
async function commandWith(options: typeof room | typeof token | typeof recording, ...line: string[]) {
  const program = new Command();
  const command = program.command("run").action(() => {});
  options.addTo(command.exitOverride().configureOutput({ writeErr: () => {} }));
  await program.parseAsync(["run", ...line], { from: "user" });
  return command;
}

/** The fields that a command line gives. */
async function read(options: typeof room | typeof token | typeof recording, ...line: string[]) {
  return options.read((await commandWith(options, ...line)).opts());
}

test("Options of a command are fields of an input, read as their type is", async () => {
  const line = [
    "--vendor",
    "x",
    "--max-participants",
    "12",
    "--empty-timeout",
    "10m",
    "--metadata",
    '{"a":1}',
  ];
  expect(await read(room, ...line)).toEqual({
    ...{ vendor: "x", maxParticipants: 12, emptyTimeoutSeconds: 600, metadata: { a: 1 } },
  });
  expect(await read(room)).toEqual({});
  expect(await read(token, "--ttl", "600", "--no-data", "--admin")).toEqual({
    ...{ ttlSeconds: 600, canPublishData: false, isAdmin: true },
  });
  expect(await read(recording, "--audio-only", "--output", "s3://acme/")).toEqual({
    ...{ audioOnly: true, outputUri: "s3://acme/" },
  });
});

test.each([
  ["--max-participants", "many", "not a whole number"],
  ["--empty-timeout", "soon", "not a duration"],
  ["--metadata", "[1]", "not a JSON object"],
])("An option %s %s is rejected", async (option, value, why) => {
  await expect(read(room, option, value)).rejects.toThrow(why);
});

test("The help of an option is the description of its field in the schema, with its default", async () => {
  const commands = await Promise.all([room, token, recording].map((options) => commandWith(options)));
  const options = commands.flatMap((command) => command.options);
  expect(
    Object.fromEntries(options.map(({ flags, description }) => [flags, description])),
  ).toMatchInlineSnapshot(`
    {
      "--admin": "may manage the room: kick, mute, change metadata",
      "--audio-only": "record audio only",
      "--empty-timeout <time>": "how long the empty room stays, in seconds or like 15m: before the first join and after the last departure, 1 to 4,294,967,294",
      "--layout <layout>": "grid, speaker or single-speaker, each also -light and -dark (default: grid)",
      "--max-participants <number>": "the most participants at once, 1 or more; agents and recorders do not count (default: unlimited)",
      "--metadata <json>": "the room's metadata: a JSON object of at most 60,000 bytes, 64 levels and 10,000 values, without the keys $owner and __proto__ and without control characters in keys",
      "--no-data": "may not publish data messages",
      "--no-publish": "may not publish audio and video",
      "--output <uri>": "s3://bucket/path, gs://bucket/path, azblob://container@account/path, or a path on the egress host (default: rtc:recordingOutput)",
      "--ttl <time>": "how long the token can be used to join, in seconds or like 15m: 1 to 86,400, default 3,600",
      "--vendor <vendor>": "the explicit vendor (default: the first in the configured order that fits, where the room then stays; a gateway chooses it itself)",
    }
  `);
});
