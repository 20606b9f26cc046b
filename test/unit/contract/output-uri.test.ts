import { describe, expect, it } from "vitest";
import {
  isUnique,
  outsideRoot,
  parseOutputUri,
  problems,
  recordingInput,
  recordingOutputProblem,
  roomNameProblem,
  sameOutput,
} from "../../../src/contract/index.ts";

/** A file of that name in a folder, after room and time. */
const NAMED = "{room_name}-{time}";

describe("an output address", () => {
  it.each([
    ["s3://acme/standup/", "s3", "acme", "", `standup/${NAMED}.mp4`, "mp4"],
    ["gs://acme/standup/", "gcp", "acme", "", `standup/${NAMED}.mp4`, "mp4"],
    ["azblob://talks@acme/standup/", "azure", "talks", "acme", `standup/${NAMED}.mp4`, "mp4"],
    ["/recordings/standup/", "local", "", "", `/recordings/standup/${NAMED}.mp4`, "mp4"],
    ["out/standup.mp4", "local", "", "", "out/standup.mp4", "mp4"],
    ["s3://acme", "s3", "acme", "", `${NAMED}.mp4`, "mp4"],
    ["s3://acme/", "s3", "acme", "", `${NAMED}.mp4`, "mp4"],
    ["s3://acme/standup", "s3", "acme", "", `standup/${NAMED}.mp4`, "mp4"],
    ["S3://acme/Standup.MP4", "s3", "acme", "", "Standup.MP4", "mp4"],
    ["s3://acme/live/standup.m3u8", "s3", "acme", "", "live/standup.m3u8", "hls"],
    ["s3://acme/{room_name}/{time}.mp4", "s3", "acme", "", "{room_name}/{time}.mp4", "mp4"],
    ["gs://acme.example/v1.2/standup/", "gcp", "acme.example", "", `v1.2/standup/${NAMED}.mp4`, "mp4"],
    ["s3://acme/.hidden", "s3", "acme", "", `.hidden/${NAMED}.mp4`, "mp4"],
    ["s3://acme/a@b:c.mp4", "s3", "acme", "", "a@b:c.mp4", "mp4"],
    ["C:\\recordings\\standup.mp4", "local", "", "", "C:\\recordings\\standup.mp4", "mp4"],
  ])("%s is %s, bucket %j of %j, file %s as %s", (uri, storage, bucket, account, path, format) => {
    expect(parseOutputUri(uri, false)).toEqual({ storage, bucket, account, path, format });
  });

  it.each([
    ["s3://acme/standup/", `standup/${NAMED}.ogg`, "ogg"],
    ["s3://acme/standup.ogg", "standup.ogg", "ogg"],
    ["s3://acme/standup.mp3", "standup.mp3", "mp3"],
    ["s3://acme/standup.mp4", "standup.mp4", "mp4"],
    ["s3://acme/standup.m3u8", "standup.m3u8", "hls"],
  ])("%s of audio alone is the file %s, %s", (uri, path, format) => {
    expect(parseOutputUri(uri, true)).toMatchObject({ path, format });
  });

  it.each(["s3://acme/a.ogg", "gs://acme/a.mp3", "azblob://talks@acme/a.OGG", "/recordings/a.mp3"])(
    "%s cannot hold video, and reports it with both ways out",
    (uri) => {
      expect(parseOutputUri(uri, false)).toMatch(
        /^\.(ogg|mp3|OGG) holds audio only: set audioOnly, or record \.mp4$/,
      );
    },
  );

  it.each(["out/standup.webm", "s3://acme/v1.2", "s3://acme/standup.mp4.tmp"])(
    "%s ends in nothing that can be recorded, and reports what can",
    (uri) => {
      expect(parseOutputUri(uri, true)).toMatch(
        /^ends in \.\w+: \.mp4, \.ogg, \.mp3 and \.m3u8 can be recorded; end a folder with \/$/,
      );
    },
  );

  it.each([
    "ftp://acme/a.mp4",
    "https://acme.blob.core.windows.net/talks/",
    "azure://talks@acme/",
    "s3a://x",
  ])("%s is of no storage that LiveKit supports", (uri) => {
    expect(parseOutputUri(uri, false)).toBe(
      "must begin with s3://, gs:// or azblob://, or be a path on the egress host",
    );
  });

  it.each([
    "s3://acme/../other/a.mp4",
    "gs://acme/standup/..",
    "azblob://talks@acme/../a.mp4",
    "../../../etc/cron.d/x.mp4",
    "out/../../x.mp4",
    "C:\\recordings\\..\\x.mp4",
  ])("%s leaves the folder that it names, and is rejected", (uri) => {
    expect(parseOutputUri(uri, false)).toBe("must not hold .. as a part of its path");
  });

  it.each(["s3://acme/a\nb.mp4", "s3://acme/a\u0000.mp4", "out/\u001b[2J.mp4", "gs://acme\r/a.mp4"])(
    "%j holds a control character, and is rejected",
    (uri) => {
      expect(parseOutputUri(uri, false)).toBe("must not hold control characters");
    },
  );

  it.each([
    "azblob://talks@evil.example.com/x.mp4",
    "azblob://talks@evil.example.com#/x.mp4",
    "azblob://talks@acme#fragment/x.mp4",
    "azblob://talks@ACME/x.mp4",
    "azblob://talks@ac/x.mp4",
  ])("%s names no storage account, and is rejected", (uri) => {
    expect(parseOutputUri(uri, false)).toMatch(/^names an account that is none/);
  });

  it.each(["s3://acme#x/a.mp4", "s3://ac me/a.mp4", "gs://acme%2f/a.mp4", "azblob://Talks@acme/a.mp4"])(
    "%s names no bucket or container, and is rejected",
    (uri) => {
      expect(parseOutputUri(uri, false)).toMatch(/^names a (bucket|container) that cannot be one$/);
    },
  );

  it("may be absolute below the configured folder only", () => {
    const rejected = /must be below the folder of rtc:recordingOutput/;
    expect(outsideRoot("/recordings/a.mp4", "/recordings/")).toBeUndefined();
    expect(outsideRoot("/recordings/class/a.mp4", "/recordings/{room_name}-{time}.mp4")).toBeUndefined();
    expect(outsideRoot("out/a.mp4", undefined)).toBeUndefined();
    expect(outsideRoot("s3://acme/a.mp4", "/recordings/")).toBeUndefined();
    expect(outsideRoot("/etc/cron.d/x.mp4", "/recordings/")).toMatch(rejected);
    expect(outsideRoot("/recordings-of-others/a.mp4", "/recordings/")).toMatch(rejected);
    expect(outsideRoot("C:\\x.mp4", "s3://acme/")).toMatch(rejected);
    expect(outsideRoot("/out/a.mp4", undefined)).toMatch(rejected);
  });

  it.each(["s3://", "s3:///standup/", "gs://", "azblob://"])("%s names no bucket", (uri) => {
    expect(parseOutputUri(uri, false)).toBe("names no bucket");
  });

  it.each(["azblob://talks/standup/", "azblob://talks@/standup/", "azblob://@acme/", "azblob://a@b@c/"])(
    "%s is not a container of an account",
    (uri) => {
      expect(parseOutputUri(uri, false)).toBe("must be azblob://container@account/path");
    },
  );

  it.each([
    "s3://AKIACANARY:secret-canary@acme/standup/",
    "s3://AKIACANARY@acme/standup/",
    "gs://user:secret-canary@acme/",
    "s3://acme?secret=secret-canary",
    "s3://acme/standup/?access_key=AKIACANARY&secret=secret-canary",
    "s3://acme/standup.mp4?X-Amz-Signature=canary",
    "azblob://talks@acme/standup/?sv=2024&sig=secret-canary",
    "azblob://talks:secret-canary@acme/",
    "azblob://talks@acme:secret-canary/",
  ])("%s holds credentials: rejected, and they are not repeated", (uri) => {
    const problem = parseOutputUri(uri, false);
    expect(problem).toMatch(/^must be (bucket and path alone: credentials belong into|azblob:\/\/container)/);
    expect(problem).not.toMatch(/canary/i);
    const messages = JSON.stringify(problems(recordingInput, { room: "hall", outputUri: uri }));
    expect(messages).not.toMatch(/canary/i);
  });
});

describe("two output addresses", () => {
  it.each([
    ["s3://acme/standup/", "s3://acme/standup"],
    ["s3://acme", "S3://acme/"],
    ["s3://acme/standup/", `s3://acme/standup/${NAMED}.mp4`],
    ["azblob://talks@acme/standup/", "azblob://talks@{account_name}/standup/"],
  ])("%s and %s are the same file", (a, b) => {
    expect(sameOutput(a, b, false)).toBe(true);
  });

  it.each([
    ["s3://acme/standup/", "gs://acme/standup/"],
    ["s3://acme/standup/", "s3://other/standup/"],
    ["s3://acme/standup/", "s3://acme/Standup/"],
    ["s3://acme/standup.mp4", "s3://acme/standup.m3u8"],
    ["azblob://talks@acme/", "azblob://classes@acme/"],
    ["standup/", "/standup/"],
  ])("%s and %s are not", (a, b) => {
    expect(sameOutput(a, b, false)).toBe(false);
  });

  it("differ where one is named after audio and the other after video", () => {
    expect(sameOutput("s3://acme/", `s3://acme/${NAMED}.mp4`, true)).toBe(false);
    expect(sameOutput("s3://acme/", `s3://acme/${NAMED}.ogg`, true)).toBe(true);
  });
});

describe("the name of a room that is recorded", () => {
  it.each([
    ["standup", true],
    ["class/1", true],
    ["a..b", true],
    ["..", false],
    ["exam-/../../other", false],
    ["exam-\\..\\other", false],
    ["a/..", false],
    ["/etc/x", false],
    ["\\x", false],
    ["a\nb", false],
  ])("%j can be a part of a file's path: %s", (name, can) => {
    expect(roomNameProblem(name) === undefined).toBe(can);
  });
});

describe("an output that one recording after the other can have", () => {
  it.each([
    ["s3://acme/", true],
    ["s3://acme/{time}.ogg", true],
    ["s3://acme/{room_name}-{utc}.mp4", true],
    ["s3://acme/{room_name}.mp4", false],
    ["/recordings/hall.mp4", false],
  ])("%s: %s", (output, unique) => {
    expect(isUnique(output, output.endsWith(".ogg"))).toBe(unique);
  });
});

describe("the configured output", () => {
  it.each([
    [undefined, false, "no destination: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)"],
    ["s3://acme/", false, undefined],
    ["s3://acme/{room_name}-{time}.ogg", true, undefined],
    [
      "s3://acme/all.ogg",
      true,
      "rtc:recordingOutput is for every recording: it must be a folder (end it with /), or hold {time}",
    ],
    ["s3://acme/all.ogg", false, "rtc:recordingOutput .ogg holds audio only: set audioOnly, or record .mp4"],
    ["s3://", true, "rtc:recordingOutput names no bucket"],
  ])("%s, audio only %s: %s", (output, audioOnly, problem) => {
    expect(recordingOutputProblem(output, audioOnly)).toBe(problem);
  });
});
