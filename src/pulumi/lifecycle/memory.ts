import type { Owner } from "../../contract";

/** What the resource class tells check through the hidden input `__rtc`; nothing of it is stored. */
export interface Hidden extends Owner {
  /** The resource's own name. */
  name: string;
  dryRun: boolean;
}

/** What a process knows of a resource whose check ran in it. */
export interface Checked extends Hidden {
  /** The vendor and name of the state. */
  sticky: { vendor?: unknown; name?: unknown };
  /** The room of the state, where there is one. */
  oldRoom?: string | undefined;
  /** The room that is declared, once it is known. */
  newRoom?: string | undefined;
  /** As declared now; delete sees only what state remembers. */
  forceDestroy: boolean;
}

/** Keyed by URN, found by room id: create, diff, update and delete are told no URN. */
export class Memory {
  readonly #checked = new Map<string, Checked>();
  readonly #declaring = new Map<string, Checked>();
  readonly #owning = new Map<string, Checked>();
  readonly #deleted = new Set<string>();

  get(urn: string): Checked | undefined {
    return this.#checked.get(urn);
  }

  set(checked: Checked): void {
    const before = this.#checked.get(checked.urn)?.newRoom;
    if (before !== undefined && this.#declaring.get(before)?.urn === checked.urn)
      this.#declaring.delete(before);
    this.#checked.set(checked.urn, checked);
    if (checked.newRoom !== undefined) this.#declaring.set(checked.newRoom, checked);
    if (checked.oldRoom !== undefined) this.#owning.set(checked.oldRoom, checked);
  }

  /** The resource that declares a room. */
  declaring(room: string): Checked | undefined {
    return this.#declaring.get(room);
  }

  /** The resource that a room of the state belongs to; undefined in a refresh or a destroy, where no check runs. */
  owning(room: string): Checked | undefined {
    return this.#owning.get(room) ?? this.#declaring.get(room);
  }

  /** A room of ours that this process has deleted: an unmarked one of that name is its ghost, brought back by an old token. */
  forget(room: string): void {
    this.#deleted.add(room);
  }

  hasForgotten(room: string): boolean {
    return this.#deleted.has(room);
  }
}
