import type { Owner } from "../../contract";

/** What the resource class tells check through the hidden input `__rtc`; nothing of it is stored. */
export interface Hidden extends Owner {
  /** The resource's own name. */
  name: string;
  dryRun: boolean;
}

/** What a process knows of a resource whose check ran in it. */
export interface Checked extends Hidden {
  /** The inputs that stay with the resource over a replacement, where check is called without the old ones. */
  sticky: { vendor?: unknown; name?: unknown };
  /** The Pulumi id of the state, where there is one. */
  oldId?: string | undefined;
  /** What the declared inputs stand for, once it is known: the room id, or the recording of a room. */
  declares?: string | undefined;
  /** The room itself, whichever region leads to it. */
  place?: string | undefined;
  /** As declared now; delete sees only what state remembers. */
  forceDestroy: boolean;
  /** Whether a declared room closes by itself. */
  closes?: boolean;
  /** The vendor that a gateway has chosen, with which the room stays over a replacement. */
  settled?: string | undefined;
}

/** Keyed by URN, found by what is declared or by id: create, diff, update and delete are told no URN. */
export class Memory {
  readonly #checked = new Map<string, Checked>();
  readonly #declaring = new Map<string, Checked>();
  readonly #owning = new Map<string, Checked>();
  readonly #disputed = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #told = new Set<string>();

  get(urn: string): Checked | undefined {
    return this.#checked.get(urn);
  }

  set(checked: Checked): void {
    const before = this.#checked.get(checked.urn)?.declares;
    if (before !== undefined && this.#declaring.get(before)?.urn === checked.urn)
      this.#declaring.delete(before);
    this.#checked.set(checked.urn, checked);
    if (checked.declares !== undefined) {
      const other = this.#declaring.get(checked.declares);
      if (other !== undefined && other.urn !== checked.urn) this.#disputed.add(checked.declares);
      this.#declaring.set(checked.declares, checked);
    }
    if (checked.oldId !== undefined) this.#owning.set(checked.oldId, checked);
  }

  /** A resource's room has turned out to be at a vendor that a gateway has chosen. */
  own(id: string, checked: Checked, vendor: string): void {
    checked.settled = vendor;
    this.#owning.set(id, checked);
  }

  /** Another resource that declares the room at a place. */
  twin(place: string, urn: string): Checked | undefined {
    return [...this.#checked.values()].find((checked) => checked.place === place && checked.urn !== urn);
  }

  /** The resource that declares something. */
  declaring(what: string): Checked | undefined {
    return this.#declaring.get(what);
  }

  /** Whether two resources have declared the same: the check of the second is refused, but the first may be on its way. */
  isDisputed(what: string): boolean {
    return this.#disputed.has(what);
  }

  /** The resource that has an id in state; undefined in a refresh or a destroy, where no check runs. */
  owning(id: string): Checked | undefined {
    return this.#owning.get(id) ?? this.#declaring.get(id);
  }

  /** Whether something that holds for every room of a vendor has not been said in this process; from now on it has. */
  isNews(message: string): boolean {
    const isNews = !this.#told.has(message);
    this.#told.add(message);
    return isNews;
  }

  /** A room of ours that this process has deleted: an unmarked one of that name is its ghost, brought back by an old token. */
  forget(room: string): void {
    this.#deleted.add(room);
  }

  hasForgotten(room: string): boolean {
    return this.#deleted.has(room);
  }
}
