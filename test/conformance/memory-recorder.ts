import {
  isEnded,
  type Place,
  type RecordedFile,
  type Recording,
  type RecordingSpec,
  type RecordingStatus,
  roomId,
} from "../../src/contract/index.ts";

/** A recording as the vendor stores it. */
export interface StoredRecording extends RecordingSpec {
  id: string;
  /** The generation of the room. */
  sid: string;
  status: RecordingStatus;
  startedAt: string;
  endedAt?: string;
  error?: string;
  file?: string;
  /** How often it is read before its file is finished. */
  looksToFinish: number;
}

/** The recorder of the vendor that lives in this process: it records what is published, until the room closes. */
export class MemoryRecorder {
  readonly recordings = new Map<string, StoredRecording>();
  /** With this error every recording fails right after its start. */
  startFailure: string | undefined;
  /** With this error no file is stored in the end. */
  storageFailure: string | undefined;
  /** How often a recording that was stopped is read before its file is finished. */
  looksToFinish = 1;
  /** The next recording is started, but the answer is lost. */
  losesNextAnswer = false;
  /** A start is answered when this is resolved. */
  answersAfter: Promise<void> = Promise.resolve();
  #made = 0;

  begin(spec: RecordingSpec, sid: string): StoredRecording {
    this.#made += 1;
    const id = `EG_${this.#made}`;
    const startedAt = new Date(1_700_000_000_000 + this.#made * 1_000).toISOString();
    const { region, name, layout, audioOnly, outputUri } = spec;
    const recording: StoredRecording = {
      ...{ region, name, layout, audioOnly, outputUri, id, sid, startedAt },
      status: "starting",
      looksToFinish: 0,
    };
    this.recordings.set(id, recording);
    if (this.startFailure !== undefined) this.#end(recording, "failed", this.startFailure);
    return recording;
  }

  /** Those of a room that have not ended. */
  runningIn({ region, name }: Place): StoredRecording[] {
    return [...this.recordings.values()].filter(
      (one) => one.region === region && one.name === name && !isEnded(one.status),
    );
  }

  /** A participant publishes a track in a room. */
  published(place: Place): void {
    for (const one of this.runningIn(place)) if (one.status === "starting") one.status = "active";
  }

  /** A room has closed, and its recordings with it. */
  closed(place: Place): void {
    for (const one of this.runningIn(place)) {
      if (one.status === "starting")
        this.#end(one, "aborted", "the room closed before a participant published");
      else this.#finish(one);
    }
  }

  /** Ends a recording, which takes a while where there is something to store. */
  stop(one: StoredRecording): void {
    if (one.status === "starting") this.#end(one, "aborted", "it was stopped before a participant published");
    if (one.status !== "active") return;
    one.status = "ending";
    one.looksToFinish = this.looksToFinish;
    one.error = "it was stopped before its room closed";
  }

  /** The process that records dies. */
  kill(id: string): void {
    const one = this.recordings.get(id);
    if (one) this.#end(one, "failed", "the recorder died");
  }

  /** The vendor remembers recordings for a while only. */
  forget(id: string): void {
    this.recordings.delete(id);
  }

  /** A recording as its record shows it; each read brings an ending one nearer to its end. */
  read(one: StoredRecording): Recording {
    if (one.status === "ending" && one.looksToFinish-- <= 0) this.#finish(one);
    const { id, region, name, sid, status, layout, audioOnly, outputUri, startedAt, endedAt, error } = one;
    const recording = roomId({ vendor: "memory", region, name: id });
    const files: RecordedFile[] =
      one.file === undefined ? [] : [{ recording, location: one.file, sizeBytes: 400, durationSeconds: 4 }];
    return {
      ...{ recording, room: roomId({ vendor: "memory", region, name }), roomSid: sid },
      ...{ status, layout, audioOnly, outputUri, startedAt },
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(files.length === 0 ? {} : { files, durationSeconds: 4 }),
      ...(error === undefined ? {} : { error }),
    };
  }

  #finish(one: StoredRecording): void {
    if (this.storageFailure !== undefined) {
      this.#end(one, "failed", this.storageFailure);
      return;
    }
    one.file = `${one.outputUri.replace(/\/?$/, "/")}${one.id}.${one.audioOnly ? "ogg" : "mp4"}`;
    this.#end(one, "complete");
  }

  #end(one: StoredRecording, status: RecordingStatus, error?: string): void {
    one.status = status;
    one.endedAt = new Date(Date.parse(one.startedAt) + 4_000).toISOString();
    if (error !== undefined) one.error = error;
  }
}
