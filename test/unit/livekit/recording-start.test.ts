import { describe, expect, it, vi } from "vitest";
import type { RecordingSpec } from "../../../src/contract/index.ts";
import { hurry, hurryDeadlines } from "../../support/twirp.ts";
import { adapterOnTwirp, NO_SERVERS, STORAGE, wireEgress } from "./fixture.ts";

const SPEC: RecordingSpec = {
  region: null,
  name: "hall",
  layout: "speaker",
  audioOnly: true,
  outputUri: "s3://acme/hall/",
};
const START = "StartRoomCompositeEgress";
const OTHER = { ...wireEgress, egress_id: "EG_other" };

describe("a LiveKit recording is started", () => {
  it("once, and is starting", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, { body: { ...wireEgress, status: "EGRESS_STARTING" } });
    expect(await recordings.start(SPEC)).toMatchObject({
      recording: "livekit:EG_abc",
      status: "starting",
      outputUri: "s3://acme/hall/",
    });
    expect(server.methods()).toEqual(["ListEgress", START]);
    expect(server.calls[0]?.body).toMatchObject({ roomName: "hall", active: true });
    expect(server.calls[1]?.body).toMatchObject({ roomName: "hall", audioOnly: true });
  });

  it("with its layout, but for audio alone, which a worker records without a browser where it gets none", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, { body: { ...wireEgress, status: "EGRESS_STARTING" } });
    await recordings.start({ ...SPEC, audioOnly: false });
    await recordings.start(SPEC);
    const starts = server.calls.filter(({ method }) => method === START).map(({ body }) => body);
    expect(starts).toMatchObject([{ layout: "speaker" }, { audioOnly: true }]);
    expect(starts[1]).not.toHaveProperty("layout");
  });

  it.each([
    ["an answer that does not come back", "cut" as const],
    ["a time-out of the server", { status: 408, body: { code: "canceled", msg: "canceled" } }],
    ["a gateway that fails", { status: 502, body: "<html>", type: "text/html" }],
    ["half an answer", { body: '{"egress_id":"EG_' }],
    ["no answer", NO_SERVERS],
  ])("and searched for after %s, never sent again", async (_name, answer) => {
    hurry();
    const { server, recordings } = await adapterOnTwirp();
    server.on("ListEgress", { body: { items: [OTHER] } }, { body: { items: [OTHER, wireEgress] } });
    server.on(START, answer);
    expect(await recordings.start(SPEC)).toMatchObject({ recording: "livekit:EG_abc" });
    expect(server.methods()).toEqual(["ListEgress", START, "ListEgress"]);
  });

  it("and is not mistaken for one that was there before, or is another", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const { room_composite } = wireEgress;
    const alien = { ...wireEgress, room_composite: { ...room_composite, audio_only: false } };
    server.on("ListEgress", { body: { items: [OTHER] } }, { body: { items: [OTHER, alien] } });
    server.on(START, "cut");
    await expect(recordings.start(SPEC)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(server.methods().filter((method) => method === START)).toHaveLength(1);
  });

  it("and where no worker accepted it the error reports what to check", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, NO_SERVERS);
    await expect(recordings.start(SPEC)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      retryable: true,
      message:
        "livekit StartRoomCompositeEgress: no egress worker took the recording: is one running, with capacity left, on the server's Redis?",
    });
    expect(server.methods()).toEqual(["ListEgress", START, "ListEgress"]);
  });

  it("and is given up after 25 seconds, which is longer than the server itself waits", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const deadlines = hurryDeadlines(100);
    server.on(START, "silence");
    await expect(recordings.start(SPEC)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("no egress worker took the recording"),
    });
    expect(deadlines).toContain(25_000);
    expect(server.methods()).toEqual(["ListEgress", START, "ListEgress"]);
  });

  it.each([
    [503, "unavailable", "not enough CPU", "UNAVAILABLE"],
    [400, "invalid_argument", "request has missing or invalid field: layout", "INVALID_ARGUMENT"],
    [404, "not_found", "requested room does not exist", "NOT_FOUND"],
    [429, "resource_exhausted", "too many", "RATE_LIMITED"],
  ])("and a rejection with %i is passed on in the server's words", async (status, wire, msg, code) => {
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, { status, body: { code: wire, msg } });
    await expect(recordings.start(SPEC)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(msg),
    });
    expect(server.methods().filter((method) => method === START)).toHaveLength(1);
  });

  it("and a rejection that quotes the storage's credentials is reported without them", async () => {
    const { server, recordings } = await adapterOnTwirp(STORAGE);
    const msg = `cannot use ${Object.values(STORAGE).join(", ")}`;
    server.on(START, { status: 400, body: { code: "invalid_argument", msg } });
    const error = await recordings.start(SPEC).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain("canary");
  });
});

describe("where a LiveKit recording goes", () => {
  it.each([
    [
      "s3://acme/hall/",
      {
        fileType: "OGG",
        filepath: "hall/{room_name}-{time}.ogg",
        s3: { bucket: "acme", accessKey: "AKIA-canary-id", secret: "s3-canary-secret" },
      },
    ],
    [
      "gs://acme/hall.mp3",
      {
        fileType: "MP3",
        filepath: "hall.mp3",
        gcp: { bucket: "acme", credentials: STORAGE.gcpCredentials },
      },
    ],
    [
      "azblob://talks@acme/hall.mp4",
      {
        fileType: "MP4",
        filepath: "hall.mp4",
        azure: { containerName: "talks", accountName: "acme", accountKey: "azure-canary-key" },
      },
    ],
    ["/recordings/hall.ogg", { fileType: "OGG", filepath: "/recordings/hall.ogg" }],
  ])("%s is one file there, with the credentials for it and no others", async (outputUri, output) => {
    const { server, recordings } = await adapterOnTwirp(STORAGE);
    server.on(START, { body: wireEgress });
    await recordings.start({ ...SPEC, outputUri });
    const { fileOutputs, segmentOutputs = [] } = outputsOf(server.calls[1]?.body);
    expect(fileOutputs).toMatchObject([output]);
    expect(segmentOutputs).toEqual([]);
    const kinds = ["s3", "gcp", "azure", "aliOSS"].filter((kind) => kind in (fileOutputs?.[0] ?? {}));
    expect(kinds).toEqual(Object.keys(output).filter((key) => !/^file/.test(key)));
  });

  it("is a playlist and its segments where the address ends in .m3u8", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, { body: wireEgress });
    await recordings.start({ ...SPEC, outputUri: "s3://acme/live/hall.m3u8" });
    const { fileOutputs = [], segmentOutputs } = outputsOf(server.calls[1]?.body);
    expect(fileOutputs).toEqual([]);
    expect(segmentOutputs).toMatchObject([
      { filenamePrefix: "live/hall", playlistName: "live/hall.m3u8", s3: { bucket: "acme" } },
    ]);
  });

  it("is left to the egress server where no credentials are configured, whatever is in the environment", async () => {
    for (const key of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_KEY"])
      vi.stubEnv(key, "env-canary");
    const { server, recordings } = await adapterOnTwirp();
    server.on(START, { body: wireEgress });
    for (const outputUri of ["s3://acme/", "gs://acme/", "azblob://talks@acme/"])
      await recordings.start({ ...SPEC, outputUri });
    const requests = server.calls.filter(({ method }) => method === START).map(({ body }) => body);
    expect(JSON.stringify(requests)).not.toContain("canary");
    expect(requests).toHaveLength(3);
    expect(outputsOf(requests[0]).fileOutputs?.[0]).toMatchObject({ s3: { bucket: "acme" } });
    vi.unstubAllEnvs();
  });

  it("may be another S3 service than AWS, with a session of its own", async () => {
    const { server, recordings } = await adapterOnTwirp({
      ...STORAGE,
      s3Region: "eu",
      s3Endpoint: "https://minio.example",
      s3ForcePathStyle: true,
    });
    server.on(START, { body: wireEgress });
    await recordings.start(SPEC);
    expect(outputsOf(server.calls[1]?.body).fileOutputs).toMatchObject([
      {
        s3: {
          region: "eu",
          endpoint: "https://minio.example",
          forcePathStyle: true,
          sessionToken: "s3-canary-session",
        },
      },
    ]);
  });

  it("is rejected before the start where it is no address", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const start = recordings.start({ ...SPEC, audioOnly: false, outputUri: "s3://acme/hall.ogg" });
    await expect(start).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("outputUri: .ogg holds audio only"),
    });
    expect(server.methods()).not.toContain(START);
  });
});

interface Outputs {
  fileOutputs?: object[];
  segmentOutputs?: object[];
}

function outputsOf(body: object | undefined): Outputs {
  return (body ?? {}) as Outputs;
}
