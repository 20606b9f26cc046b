import { isForeign, type Observation, runs, type Stack, tapesIn } from "./observation.ts";

/** What a history has left that explains later observations. */
export class Notes {
  /** Rooms of ours, by sid, that a killed run has created and no state has. */
  readonly leftovers = new Set<string>();
  /** Recordings of ours that a killed run has started and no state has. */
  readonly orphanedTapes = new Set<string>();
  /** Recordings that another owner has started. */
  readonly theirs = new Set<string>();
  /** Rooms, by sid, that were observed without a tag: in these the ownership of a recording is unknown. */
  readonly untagged = new Set<string>();
  /**
   * Recordings whose layout a killed run has changed: the state does not have it, and LiveKit does not report what a
   * recorder was sent last, so it cannot be observed where the change is then taken back.
   */
  readonly retold = new Set<string>();
  /** Finished files of recordings that the state has known. */
  readonly files = new Set<string>();
  readonly #known = new Set<string>();

  /** Takes note of what exists, after each step. */
  note(observation: Observation): void {
    for (const { sid, owner } of Object.values(observation.rooms)) if (owner === null) this.untagged.add(sid);
    for (const id of tapesIn(observation)) this.#known.add(id);
    for (const { id, file } of observation.tapes)
      if (file !== undefined && this.#known.has(id)) this.files.add(file);
  }

  /** Whatever of ours no state has. */
  orphans(observation: Observation, stack: Stack): { rooms: string[]; tapes: string[] } {
    const known = tapesIn(observation);
    const names = new Set(Object.values(observation.state).map(({ outputs }) => outputs["name"]));
    return {
      rooms: Object.entries(observation.rooms)
        .filter(([name]) => !names.has(name) && !isForeign(name, observation, stack))
        .map(([, { sid }]) => sid),
      tapes: observation.tapes
        .filter((tape) => runs(tape) && !known.has(tape.id) && !this.theirs.has(tape.id))
        .map(({ id }) => id),
    };
  }
}
