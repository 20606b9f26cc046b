/** What the stand-in of `core-only.ts` stores. */

export interface CoreGatewayRoom {
  room: string;
  name: string;
  vendor: string;
  maxParticipants: number | null;
  emptyTimeout: number;
  metadata: Record<string, unknown>;
  createdAt: number;
  sid: string;
  participants: string[];
}

export interface CoreGatewayRecording {
  recording: string;
  room: string;
  status: string;
  layout: string;
  outputUri: string;
}

/** A rejection in the contract's terms; how it is written is the stand-in's. */
export class Rejected {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly message: string,
  ) {}
}

/** Rooms and recordings of a gateway whose vendor has persistent rooms. */
export class CoreGatewayWorld {
  readonly rooms = new Map<string, CoreGatewayRoom>();
  readonly recordings = new Map<string, CoreGatewayRecording>();
  readonly #vendor: string;
  #made = 0;

  constructor(vendor: string) {
    this.#vendor = vendor;
  }

  /** Find or create, as the contract has it. */
  create(body: Record<string, unknown>): CoreGatewayRoom {
    const name = String(body["name"]);
    const found = this.rooms.get(name);
    if (found) {
      const participants = body["max_participants"] ?? found.maxParticipants;
      const metadata = JSON.stringify(body["metadata"] ?? found.metadata);
      if (participants === found.maxParticipants && metadata === JSON.stringify(found.metadata)) return found;
      throw new Rejected(409, "ALREADY_EXISTS", `room ${name} exists with other settings`);
    }
    this.#made += 1;
    const room: CoreGatewayRoom = {
      room: `${this.#vendor}:${name}`,
      ...{ name, vendor: this.#vendor, createdAt: Math.floor(Date.now() / 1_000), participants: [] },
      maxParticipants: (body["max_participants"] as number | undefined) ?? null,
      emptyTimeout: (body["empty_timeout_s"] as number | undefined) ?? 300,
      metadata: (body["metadata"] as Record<string, unknown> | undefined) ?? {},
      sid: `RM_${this.#made}`,
    };
    this.rooms.set(name, room);
    return room;
  }

  /** By id or bare name. */
  room(id: string): CoreGatewayRoom {
    const found = this.rooms.get(this.#nameOf(id));
    if (found) return found;
    throw new Rejected(404, "NOT_FOUND", `there is no room ${id}`);
  }

  delete(id: string): void {
    this.rooms.delete(this.#nameOf(id));
  }

  start(body: Record<string, unknown>): CoreGatewayRecording {
    const { room } = this.room(String(body["room"]));
    this.#made += 1;
    const recording: CoreGatewayRecording = {
      recording: `${this.#vendor}:EG_${this.#made}`,
      ...{ room, status: "starting", layout: String(body["layout"] ?? "grid") },
      outputUri: String(body["output_uri"]),
    };
    this.recordings.set(recording.recording, recording);
    return recording;
  }

  stop(id: string): CoreGatewayRecording | undefined {
    const found = this.recordings.get(id);
    if (found) found.status = "ending";
    return found;
  }

  #nameOf(id: string): string {
    return id.startsWith(`${this.#vendor}:`) ? id.slice(this.#vendor.length + 1) : id;
  }
}
