import { describe, expect, it } from "vitest";
import { hurry, startTwirp } from "../../support/twirp.ts";
import { adapterAt, adapterOnTwirp, EXPIRED, STORAGE, WITHOUT_REDIS, wireEgress } from "./fixture.ts";

const REQUEST = wireEgress.room_composite;

describe("a LiveKit recording's record", () => {
  it("is plain data: nanoseconds as times, nothing unknown, and no file before it is finished", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("ListEgress", { body: { items: [wireEgress] } });
    expect(await recordings.get(null, "EG_abc")).toEqual({
      recording: "livekit:EG_abc",
      room: "livekit:hall",
      roomSid: "RM_abc",
      status: "active",
      audioOnly: true,
      outputUri: "s3://acme/hall/{room_name}-{time}.ogg",
      startedAt: "2023-11-14T22:13:20.123Z",
    });
    expect(server.calls[0]).toMatchObject({ method: "ListEgress", body: { egressId: "EG_abc" } });
  });

  it("shows the finished file, its size and its length", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const file = {
      location: "https://acme.s3.amazonaws.com/hall.ogg",
      size: "45000",
      duration: "4012345678",
    };
    const ended = {
      ...wireEgress,
      status: "EGRESS_COMPLETE",
      ended_at: "1700000004135802467",
      details: "End reason: Source closed",
      file_results: [file],
    };
    server.on("ListEgress", { body: { items: [ended] } });
    expect(await recordings.get(null, "EG_abc")).toMatchObject({
      status: "complete",
      endedAt: "2023-11-14T22:13:24.135Z",
      durationSeconds: 4.012,
      files: [
        {
          recording: "livekit:EG_abc",
          location: "https://acme.s3.amazonaws.com/hall.ogg",
          sizeBytes: 45_000,
          durationSeconds: 4.012,
        },
      ],
    });
  });

  it("shows where the file is without the signature that a recorder may put there", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const location =
      "https://user:word@acme.s3.amazonaws.com/hall.ogg?X-Amz-Credential=AKIA&X-Amz-Signature=0f";
    const ended = { ...wireEgress, status: "EGRESS_COMPLETE", file_results: [{ location, size: "1" }] };
    server.on("ListEgress", { body: { items: [ended] } });
    const files = (await recordings.get(null, "EG_abc"))?.files;
    expect(files).toMatchObject([{ location: "https://acme.s3.amazonaws.com/hall.ogg" }]);
  });

  it("shows where the file will be while it is stored, and its size and length only when they are final", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const file = { location: "https://acme.s3.amazonaws.com/hall.ogg", duration: "4012345678" };
    server.on("ListEgress", {
      body: { items: [{ ...wireEgress, status: "EGRESS_ENDING", file_results: [file] }] },
    });
    const record = await recordings.get(null, "EG_abc");
    expect(record?.files).toEqual([{ recording: "livekit:EG_abc", location: file.location }]);
    expect(record).not.toHaveProperty("durationSeconds");
  });

  it.each([
    ["http://minio:9000", "https://minio:9000/acme/hall.ogg", "http://minio:9000/acme/hall.ogg"],
    ["http://minio:9000", "https://acme.minio:9000/hall.ogg", "http://acme.minio:9000/hall.ogg"],
    ["https://minio:9000", "https://minio:9000/acme/hall.ogg", "https://minio:9000/acme/hall.ogg"],
    ["http://minio:9000", "https://other:9000/acme/hall.ogg", "https://other:9000/acme/hall.ogg"],
    ["http://minio:9000", "https://acme-minio:9000/hall.ogg", "https://acme-minio:9000/hall.ogg"],
    ["http://minio:9000", "/out/hall.ogg", "/out/hall.ogg"],
  ])(
    "at %s, with a file that the worker reports as %s, shows it as %s",
    async (s3Endpoint, location, shown) => {
      const { server, recordings } = await adapterOnTwirp({ s3Endpoint });
      const ended = { ...wireEgress, status: "EGRESS_COMPLETE", file_results: [{ location, size: "1" }] };
      server.on("ListEgress", { body: { items: [ended] } });
      expect((await recordings.get(null, "EG_abc"))?.files).toMatchObject([{ location: shown }]);
    },
  );

  it("reports that its file is in the worker's backup storage, where its own could not be reached", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const ended = {
      ...{ ...wireEgress, status: "EGRESS_COMPLETE", details: "End reason: Source closed" },
      ...{ backup_storage_used: true, file_results: [{ location: "/backup/hall.ogg", size: "1" }] },
    };
    server.on("ListEgress", { body: { items: [ended] } });
    const record = await recordings.get(null, "EG_abc");
    expect(record).toMatchObject({
      files: [{ location: "/backup/hall.ogg" }],
      error: expect.stringContaining("left the file in its backup storage"),
    });
    expect(record).not.toHaveProperty("endedEarly");
  });

  it("shows the playlist of segments like a file, with their number", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const playlist = {
      ...{ playlist_location: "https://acme/hall.m3u8", segment_count: "3" },
      ...{ size: "90000", duration: "12000000000" },
    };
    const { file_outputs, ...request } = REQUEST;
    const segments = [{ playlist_name: "hall.m3u8", gcp: { bucket: "acme" } }];
    const room_composite = { ...request, segment_outputs: segments };
    const egress = {
      ...{ ...wireEgress, status: "EGRESS_COMPLETE", room_composite },
      ...{ file_results: [], segment_results: [playlist] },
    };
    server.on("ListEgress", { body: { items: [egress] } });
    expect(await recordings.get(null, "EG_abc")).toMatchObject({
      outputUri: "gs://acme/hall.m3u8",
      files: [{ location: "https://acme/hall.m3u8", segments: 3, sizeBytes: 90_000, durationSeconds: 12 }],
    });
  });

  it.each([
    ["EGRESS_STARTING", "starting"],
    ["EGRESS_ACTIVE", "active"],
    ["EGRESS_ENDING", "ending"],
    ["EGRESS_COMPLETE", "complete"],
    ["EGRESS_FAILED", "failed"],
    ["EGRESS_ABORTED", "aborted"],
    ["EGRESS_LIMIT_REACHED", "limit_reached"],
  ])("of status %s is %s", async (wire, status) => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("ListEgress", { body: { items: [{ ...wireEgress, status: wire }] } });
    expect(await recordings.get(null, "EG_abc")).toMatchObject({ status });
  });

  it.each([
    ["", "", undefined],
    ["", "End reason: Source closed", undefined],
    ["", "End reason: StopEgress API", "it was stopped before its room closed"],
    [
      "",
      "End reason: CPU exhausted",
      "the egress worker ended it before its room closed: CPU exhausted",
      true,
    ],
    [
      "",
      "End reason: Process killed",
      "the egress worker ended it before its room closed: Process killed",
      true,
    ],
    ["pipeline frozen", "End reason: Failure", "pipeline frozen (End reason: Failure)", true],
    ["Session limit reached", "", "Session limit reached", true],
    ["Session limit reached before start signal", "", "Session limit reached before start signal", true],
    [
      "Start signal not received",
      "End reason: Process killed",
      "the egress worker ended it (Process killed) before a participant published, so nothing was recorded",
      true,
    ],
    ["S3 upload failed", "End reason: Source closed", "S3 upload failed (End reason: Source closed)"],
    [
      "Start signal not received",
      "End reason: Source closed",
      "its room closed before a participant published, so nothing was recorded",
    ],
    [
      "Start signal not received",
      "End reason: StopEgress API",
      "it was stopped before a participant published, so nothing was recorded",
    ],
    ["Start signal not received", "", "it ended before a participant published, so nothing was recorded"],
    [
      "Stop called before pipeline could start",
      "End reason: StopEgress API",
      "it was stopped before a participant published, so nothing was recorded",
    ],
  ])(
    "with error %j and details %j reports %j; the worker cut it: %j",
    async (error, details, message, isCut?: boolean) => {
      const { server, recordings } = await adapterOnTwirp();
      server.on("ListEgress", { body: { items: [{ ...wireEgress, error, details }] } });
      const record = await recordings.get(null, "EG_abc");
      expect(record?.error).toBe(message);
      expect(record?.endedEarly).toBe(isCut);
    },
  );

  it("quotes no credentials that the storage returned to the recorder", async () => {
    const { server, recordings } = await adapterOnTwirp(STORAGE);
    const error = `S3 upload failed: ${Object.values(STORAGE).join(", ")}`;
    server.on("ListEgress", { body: { items: [{ ...wireEgress, status: "EGRESS_FAILED", error }] } });
    const record = await recordings.get(null, "EG_abc");
    expect(record?.error).toContain("S3 upload failed: [redacted]");
    expect(JSON.stringify(record)).not.toContain("canary");
  });

  it.each([
    ["grid, where none was given", { layout: "", audio_only: false }, { layout: "grid" }],
    ["video too by default", { audio_only: false }, { audioOnly: false }],
    [
      "of a path on the egress host",
      { file_outputs: [{ filepath: "/out/a.mp4" }] },
      { outputUri: "/out/a.mp4" },
    ],
    [
      "of an Azure container, whose account the server blackens",
      {
        file_outputs: [
          { filepath: "a.mp4", azure: { account_name: "{account_name}", container_name: "talks" } },
        ],
      },
      { outputUri: "azblob://talks@{account_name}/a.mp4" },
    ],
  ])("is %s", async (_name, request, shown) => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("ListEgress", {
      body: { items: [{ ...wireEgress, room_composite: { ...REQUEST, ...request } }] },
    });
    expect(await recordings.get(null, "EG_abc")).toMatchObject(shown);
  });

  it("has no address where it goes somewhere that is none of ours", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const elsewhere = [
      { stream_outputs: [{ protocol: "RTMP", urls: ["rtmp://example/{key}"] }], file_outputs: [] },
      { file_outputs: [{ filepath: "a.mp4", aliOSS: { bucket: "acme" } }] },
    ];
    for (const request of elsewhere) {
      const room_composite = { ...REQUEST, ...request };
      server.on("ListEgress", { body: { items: [{ ...wireEgress, room_composite }] } });
      expect(await recordings.get(null, "EG_abc")).not.toHaveProperty("outputUri");
    }
  });
});

describe("a search for a LiveKit recording", () => {
  it("finds it by its id, and returns undefined for an expired one in either of the server's answers", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("ListEgress", EXPIRED, { body: { items: [] } });
    expect(await recordings.get(null, "EG_abc")).toBeUndefined();
    expect(await recordings.get(null, "EG_abc")).toBeUndefined();
  });

  it("lists those of a room or of all, without what is no room composite or of a room without a name", async () => {
    const { server, recordings } = await adapterOnTwirp();
    const { room_composite, ...egress } = wireEgress;
    const others = [
      { ...wireEgress, egress_id: "EG_nameless", room_name: "" },
      { ...egress, egress_id: "EG_track", track: { room_name: "hall", track_id: "TR_1" } },
      { ...egress, egress_id: "EG_person", participant: { room_name: "hall", identity: "alice" } },
    ];
    server.on("ListEgress", { body: { items: [wireEgress, ...others] } });
    const listed = await recordings.list(null, { room: "hall", active: true });
    expect(listed.map(({ recording }) => recording)).toEqual(["livekit:EG_abc"]);
    await recordings.list(null, { active: false });
    const [ofRoom, ofAll] = server.calls.map(({ body }) => body);
    expect(ofRoom).toMatchObject({ roomName: "hall", active: true });
    expect([ofAll?.["roomName"] ?? "", ofAll?.["active"] ?? false]).toEqual(["", false]);
  });

  it("asks the server of its region, whose name it carries", async () => {
    const [home, eu] = [await startTwirp(), await startTwirp()];
    eu.on("ListEgress", { body: { items: [wireEgress] } });
    const livekitRegions = { eu: { url: eu.url, apiKey: "eu-key", apiSecret: "eu-secret" } };
    const found = await adapterAt(home.url, { livekitRegions }).recordings?.get("eu", "EG_abc");
    expect(found).toMatchObject({ recording: "livekit@eu:EG_abc", room: "livekit@eu:hall" });
    expect(home.calls).toEqual([]);
  });
});

describe("a LiveKit recording is stopped", () => {
  it("and is ending, or aborted where it had not begun", async () => {
    const { server, recordings } = await adapterOnTwirp();
    for (const status of ["ENDING", "ABORTED"]) {
      server.on("StopEgress", { body: { ...wireEgress, status: `EGRESS_${status}` } });
      expect(await recordings.stop(null, "EG_abc")).toMatchObject({ status: status.toLowerCase() });
    }
    expect(server.calls[0]).toEqual({ method: "StopEgress", body: { egressId: "EG_abc" } });
  });

  it.each(["COMPLETE", "FAILED", "LIMIT_REACHED", "ENDING"])(
    "twice without an error, where it is %s already and the server answers 412",
    async (status) => {
      const { server, recordings } = await adapterOnTwirp();
      const msg = `egress with status EGRESS_${status} cannot be stopped`;
      server.on("StopEgress", { status: 412, body: { code: "failed_precondition", msg } });
      server.on("ListEgress", { body: { items: [{ ...wireEgress, status: `EGRESS_${status}` }] } });
      expect(await recordings.stop(null, "EG_abc")).toMatchObject({ status: status.toLowerCase() });
      expect(server.methods()).toEqual(["StopEgress", "ListEgress"]);
    },
  );

  it("without an error where it has expired at the server", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("StopEgress", EXPIRED);
    expect(await recordings.stop(null, "EG_abc")).toBeUndefined();
  });

  it("without an error where the answer was lost and it is ending", async () => {
    hurry();
    const { server, recordings } = await adapterOnTwirp();
    server.on("StopEgress", { status: 503, body: { code: "unavailable", msg: "no response from servers" } });
    server.on("ListEgress", { body: { items: [{ ...wireEgress, status: "EGRESS_ENDING" }] } });
    expect(await recordings.stop(null, "EG_abc")).toMatchObject({ status: "ending" });
  });

  it("with an error where it goes on", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("StopEgress", { status: 412, body: { code: "failed_precondition", msg: "not now" } });
    server.on("ListEgress", { body: { items: [wireEgress] } });
    await expect(recordings.stop(null, "EG_abc")).rejects.toMatchObject({
      code: "VENDOR_ERROR",
      message: expect.stringContaining("not now"),
    });
  });
});

describe("a LiveKit recording's layout", () => {
  it("is changed, and the record reports it", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("UpdateLayout", { body: wireEgress });
    expect(await recordings.update(null, "EG_abc", "grid-dark")).toMatchObject({ layout: "grid-dark" });
    expect(server.calls[0]?.body).toEqual({ egressId: "EG_abc", layout: "grid-dark" });
  });

  it("of one that expires is NOT_FOUND", async () => {
    const { server, recordings } = await adapterOnTwirp();
    server.on("UpdateLayout", EXPIRED);
    await expect(recordings.update(null, "EG_abc", "grid")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a LiveKit server without Redis", () => {
  const place = { region: null, name: "hall", layout: "grid", audioOnly: false, outputUri: "out/" };

  it("is reported as such at once, by every call, and no start is tried", async () => {
    const { server, recordings } = await adapterOnTwirp();
    for (const method of ["ListEgress", "StopEgress", "UpdateLayout"]) server.on(method, WITHOUT_REDIS);
    const calls = [
      () => recordings.start(place),
      () => recordings.stop(null, "EG_abc"),
      () => recordings.get(null, "EG_abc"),
      () => recordings.list(null, { active: false }),
      () => recordings.update(null, "EG_abc", "grid"),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: "NOT_CONFIGURED",
        retryable: false,
        message: expect.stringMatching(/runs without Redis.*Configure redis for livekit-server/),
      });
    }
    expect(server.methods()).toEqual([
      ...["ListEgress", "StopEgress", "ListEgress", "ListEgress", "UpdateLayout"],
    ]);
  });
});
