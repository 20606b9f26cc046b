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

  get(urn: string): Checked | undefined {
    return this.#checked.get(urn);
  }

  set(checked: Checked): void {
    this.#checked.set(checked.urn, checked);
  }

  /** The resource that declares a room. */
  declaring(room: string): Checked | undefined {
    return this.#find(({ newRoom }) => newRoom === room);
  }

  /** The resource that a room of the state belongs to; undefined in a refresh or a destroy, where no check runs. */
  owning(room: string): Checked | undefined {
    return this.#find(({ oldRoom }) => oldRoom === room) ?? this.declaring(room);
  }

  #find(matches: (checked: Checked) => boolean): Checked | undefined {
    return [...this.#checked.values()].find(matches);
  }
}
