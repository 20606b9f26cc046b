import type { Owner } from "../contract";

/** What stands for the room's id in the inputs of a recording whose room has failed in this run. The engine skips it. */
export const ROOM_FAILED = "(the room has failed)";

/** What the resource class passes to check in the hidden input `__rtc`. It is not stored. */
export interface Hidden extends Owner {
  /** The resource's own name. */
  name: string;
  dryRun: boolean;
  /** Whether Pulumi rejects its deletion; absent in what an older copy of this package has declared. */
  protect?: boolean;
  /** The recorded room, where it is a resource. */
  roomUrn?: string;
}

/** The data of a resource whose check ran in this process. */
export interface Declaration extends Hidden {
  /** The inputs that stay with the resource over a replacement, where check is called without the old ones. */
  sticky: { vendor?: unknown; name?: unknown };
  /** The Pulumi id of the state, where there is one. */
  managedId?: string | undefined;
  /** What the declared inputs stand for, once it is known: the room id, or the recording of a room. */
  declares?: string | undefined;
  /** The room itself, whichever region leads to it. */
  location?: string | undefined;
  /** As declared. Delete is passed only the state. */
  forceDestroy: boolean;
  /** Whether a declared room closes by itself. */
  closes?: boolean;
  /** The session of a room that a preview has observed moving here from another resource. */
  keepsSid?: string | null;
  /** The vendor that a gateway has chosen, with which the room stays over a replacement. */
  placedAt?: string | undefined;
}

/**
 * Which resource declares what in this run, for one kind of resource. The engine passes no URN and no name to create,
 * diff, update and delete, so check stores what they need here: by URN, by what is declared, and by id.
 *
 * It lives as long as the provider's process, which serves one run of the engine: the check of each resource adds to it,
 * in no certain order. In a refresh or a destroy no check runs, and it stays empty. It also has what is true of
 * this run only: which rooms it has deleted, which resource manages which recording, and which messages it has reported.
 */
export class Declarations {
  readonly #byUrn = new Map<string, Declaration>();
  readonly #byDeclared = new Map<string, Declaration>();
  readonly #byId = new Map<string, Declaration>();
  readonly #conflicting = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #created = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #claims = new Map<string, string>();
  readonly #replacing = new Set<string>();

  /** The declaration of a resource, if its check has run. */
  get(urn: string): Declaration | undefined {
    return this.#byUrn.get(urn);
  }

  /** Adds the result of a check. A second check of the resource replaces the first. */
  add(declaration: Declaration): void {
    const { urn, declares, managedId } = declaration;
    const before = this.#byUrn.get(urn)?.declares;
    if (before !== undefined && this.#byDeclared.get(before)?.urn === urn) this.#byDeclared.delete(before);
    this.#byUrn.set(urn, declaration);
    if (declares !== undefined) {
      const other = this.#byDeclared.get(declares);
      if (other !== undefined && other.urn !== urn) this.#conflicting.add(declares);
      this.#byDeclared.set(declares, declaration);
    }
    if (managedId !== undefined) this.#byId.set(managedId, declaration);
  }

  /** Records that a gateway has placed a resource's room at a vendor, so that it is found by this id, and whether it is in state. */
  place(id: string, declaration: Declaration, vendor: string, { isManaged = false } = {}): void {
    declaration.placedAt = vendor;
    if (isManaged) declaration.managedId = id;
    this.#byId.set(id, declaration);
  }

  /** Another resource that declares the room of a location. */
  duplicate(location: string, urn: string): Declaration | undefined {
    return [...this.#byUrn.values()].find((one) => one.location === location && one.urn !== urn);
  }

  /** The resource that has an id in state. */
  managing(id: string): Declaration | undefined {
    const declaration = this.#byId.get(id);
    return declaration?.managedId === id ? declaration : undefined;
  }

  /**
   * The resource that declares a room which another one has in state: that one has another name in the program now.
   *
   * @param key what a room declares whose vendor a gateway chooses
   */
  successor(id: string, key: string | undefined): Declaration | undefined {
    const [placed, unplaced] = [this.#byId.get(id), this.#byDeclared.get(key ?? id)];
    const declaring =
      this.#byDeclared.get(id) ??
      (placed?.placedAt === undefined ? undefined : placed) ??
      (unplaced?.placedAt === undefined ? unplaced : undefined);
    return declaring?.managedId === id ? undefined : declaring;
  }

  /** The resource that declares something. */
  declaring(what: string): Declaration | undefined {
    return this.#byDeclared.get(what);
  }

  /** Whether two resources have declared the same: the check of the second is rejected, but the first may be in progress. */
  isConflicting(what: string): boolean {
    return this.#conflicting.has(what);
  }

  /** The resource that has an id in state, or declares it. */
  ofId(id: string): Declaration | undefined {
    return this.#byId.get(id) ?? this.#byDeclared.get(id);
  }

  /** Whether a message has not been reported yet, and marks it as reported. */
  isFirstReport(message: string): boolean {
    const isFirst = !this.#reported.has(message);
    this.#reported.add(message);
    return isFirst;
  }

  /** A managed room that this run has deleted: an untagged room of that name is the same one, recreated by an old token. */
  addDeleted(room: string): void {
    this.#deleted.add(room);
  }

  /** A room that this run has created, adopted or moved to another resource. */
  addCreated(room: string): void {
    this.#created.add(room);
  }

  hasCreated(room: string): boolean {
    return this.#created.has(room);
  }

  /** What this run could not create: a room, or its key where a gateway would have placed it. */
  addFailed(room: string): void {
    this.#failed.add(room);
  }

  hasFailed(room: string): boolean {
    return this.#failed.has(room);
  }

  hasDeleted(room: string): boolean {
    return this.#deleted.has(room);
  }

  /** A resource whose replacement has begun in this run: it may be ended, and is not created again yet. */
  addReplacing(id: string): void {
    this.#replacing.add(id);
  }

  /**
   * The replacement of a resource has come to its end: it was created again, or that has failed. The engine creates it as
   * a new one, which may have another name than its id, or be of another room.
   */
  removeReplacing(room: string, name: string): void {
    const all = [...this.#replacing];
    const ofName = all.find((id) => id === `${room}/${name}`) ?? all.find((id) => id.endsWith(`/${name}`));
    const replaced = ofName ?? all.find((id) => id.startsWith(`${room}/`));
    if (replaced !== undefined) this.#replacing.delete(replaced);
  }

  /** The ids of such resources. */
  get replacing(): readonly string[] {
    return [...this.#replacing];
  }

  /** Assigns a recording to a resource, by its Pulumi id. The first one keeps it unless `force` is set. */
  claim(recording: string, id: string, { force = false } = {}): void {
    if (force || !this.#claims.has(recording)) this.#claims.set(recording, id);
  }

  /** Which resource manages a recording. A resource that was only renamed hands it over. */
  claimant(recording: string): string | undefined {
    return this.#claims.get(recording);
  }
}
