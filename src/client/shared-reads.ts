const SHARED_MS = 500;

/** Lets readers that ask within half a second share one listing: a refresh of many resources is a handful of calls. */
export class SharedReads<T> {
  readonly #listings = new Map<string, { since: number; items: Promise<Map<string, T>> }>();

  /** The item with this name in the listing of a place, which `list` brings if none is fresh. */
  async find(
    place: string,
    name: string,
    list: () => Promise<T[]>,
    nameOf: (item: T) => string,
  ): Promise<T | undefined> {
    const known = this.#listings.get(place);
    if (known && Date.now() - known.since < SHARED_MS) return (await known.items).get(name);
    const items = list().then((all) => new Map(all.map((item) => [nameOf(item), item])));
    this.#listings.set(place, { since: Date.now(), items });
    return (await items).get(name);
  }
}
