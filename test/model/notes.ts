import { isForeign, type Observation, runs, type Stack, tapesIn } from "./observation.ts";

/** What a history has left that explains what is seen later. */
export class Notes {
  /** Rooms of ours, by sid, that a killed run has made and no state knows. */
  readonly leftovers = new Set<string>();
  /** Recordings of ours that a killed run has started and no state knows. */
  readonly strays = new Set<string>();
  /** Recordings that another owner has started. */
  readonly theirs = new Set<string>();
  /** Rooms, by sid, that were seen without a tag: in these nobody can tell whose recording it is. */
  readonly untagged = new Set<string>();
  /**
   * Recordings whose layout a killed run has changed: the state does not know it, and LiveKit does not tell what a
   * recorder was told last, so nobody can see it where the change is then taken back.
   */
  readonly retold = new Set<string>();
  /** Finished files of recordings that the state has known. */
  readonly files = new Set<string>();
  readonly #known = new Set<string>();

  /** Looks at what there is, after each step. */
  see(observation: Observation): void {
    for (const { sid, owner } of Object.values(observation.rooms)) if (owner === null) this.untagged.add(sid);
    for (const id of tapesIn(observation)) this.#known.add(id);
    for (const { id, file } of observation.tapes)
      if (file !== undefined && this.#known.has(id)) this.files.add(file);
  }

  /** Whatever of ours no state knows. */
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
