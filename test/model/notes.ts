import { isForeign, runs, type Sight, type Stack, tapesIn } from "./sight.ts";

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
  see(sight: Sight): void {
    for (const { sid, owner } of Object.values(sight.rooms)) if (owner === null) this.untagged.add(sid);
    for (const id of tapesIn(sight)) this.#known.add(id);
    for (const { id, file } of sight.tapes)
      if (file !== undefined && this.#known.has(id)) this.files.add(file);
  }

  /** Whatever of ours no state knows. */
  orphans(sight: Sight, stack: Stack): { rooms: string[]; tapes: string[] } {
    const known = tapesIn(sight);
    const names = new Set(Object.values(sight.state).map(({ outputs }) => outputs["name"]));
    return {
      rooms: Object.entries(sight.rooms)
        .filter(([name]) => !names.has(name) && !isForeign(name, sight, stack))
        .map(([, { sid }]) => sid),
      tapes: sight.tapes
        .filter((tape) => runs(tape) && !known.has(tape.id) && !this.theirs.has(tape.id))
        .map(({ id }) => id),
    };
  }
}
