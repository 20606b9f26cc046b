/** What the stand-in of `nine.ts` keeps. */

export interface NineRoom {
  room: string;
  name: string;
  vendor: string;
  maxParticipants: number | null;
  emptyTimeout: number;
  metadata: Record<string, unknown>;
  createdAt: number;
  sid: string;
  people: string[];
}

export interface NineRecording {
  recording: string;
  room: string;
  status: string;
  layout: string;
  outputUri: string;
}

/** A refusal in the contract's terms; how it is written is the stand-in's. */
export class Refused {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly message: string,
  ) {}
}

/** Rooms and recordings of a gateway whose vendor keeps its rooms. */
export class NineWorld {
  readonly rooms = new Map<string, NineRoom>();
  readonly recordings = new Map<string, NineRecording>();
  readonly #vendor: string;
  #made = 0;

  constructor(vendor: string) {
    this.#vendor = vendor;
  }

  /** Find or create, as the contract has it. */
  create(body: Record<string, unknown>): NineRoom {
    const name = String(body["name"]);
    const found = this.rooms.get(name);
    if (found) {
      const people = body["max_participants"] ?? found.maxParticipants;
      const metadata = JSON.stringify(body["metadata"] ?? found.metadata);
      if (people === found.maxParticipants && metadata === JSON.stringify(found.metadata)) return found;
      throw new Refused(409, "ALREADY_EXISTS", `room ${name} exists with other settings`);
    }
    this.#made += 1;
    const room: NineRoom = {
      room: `${this.#vendor}:${name}`,
      ...{ name, vendor: this.#vendor, createdAt: Math.floor(Date.now() / 1_000), people: [] },
      maxParticipants: (body["max_participants"] as number | undefined) ?? null,
      emptyTimeout: (body["empty_timeout_s"] as number | undefined) ?? 300,
      metadata: (body["metadata"] as Record<string, unknown> | undefined) ?? {},
      sid: `RM_${this.#made}`,
    };
    this.rooms.set(name, room);
    return room;
  }

  /** By id or bare name. */
  room(id: string): NineRoom {
    const found = this.rooms.get(this.#nameOf(id));
    if (found) return found;
    throw new Refused(404, "NOT_FOUND", `there is no room ${id}`);
  }

  delete(id: string): void {
    this.rooms.delete(this.#nameOf(id));
  }

  start(body: Record<string, unknown>): NineRecording {
    const { room } = this.room(String(body["room"]));
    this.#made += 1;
    const recording: NineRecording = {
      recording: `${this.#vendor}:EG_${this.#made}`,
      ...{ room, status: "starting", layout: String(body["layout"] ?? "grid") },
      outputUri: String(body["output_uri"]),
    };
    this.recordings.set(recording.recording, recording);
    return recording;
  }

  stop(id: string): NineRecording | undefined {
    const found = this.recordings.get(id);
    if (found) found.status = "ending";
    return found;
  }

  #nameOf(id: string): string {
    return id.startsWith(`${this.#vendor}:`) ? id.slice(this.#vendor.length + 1) : id;
  }
}
