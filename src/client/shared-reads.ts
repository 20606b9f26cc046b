/** As long as readers follow each other this closely, they are one refresh. */
const PAUSE_MS = 500;
/** No answer is older, however long a refresh takes. */
const OLDEST_MS = 5_000;

interface Listing<T> {
  items: Promise<Map<string, T>>;
  /** When it was answered; undefined while it is under way. */
  answered?: number;
  /** When the last reader took something from it. */
  used: number;
}

/** Lets readers that follow each other share one listing: a refresh of many resources is a handful of calls. */
export class SharedReads<T> {
  readonly #listings = new Map<string, Listing<T>>();

  /** The item with this name in the listing of a place, which `list` brings if none is fresh. */
  async find(
    place: string,
    name: string,
    list: () => Promise<T[]>,
    nameOf: (item: T) => string,
  ): Promise<T | undefined> {
    const known = this.#listings.get(place);
    const listing = known && isFresh(known) ? known : begin(list, nameOf);
    this.#listings.set(place, listing);
    const items = await listing.items;
    listing.used = performance.now(); // not of one that failed: it is asked for again soon
    return items.get(name);
  }

  /** Does what changes something, after which no listing from before is shared any more. */
  async changing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      this.#listings.clear();
    }
  }
}

function begin<T>(list: () => Promise<T[]>, nameOf: (item: T) => string): Listing<T> {
  const items = list().then((all) => new Map(all.map((item) => [nameOf(item), item])));
  const listing: Listing<T> = { items, used: 0 };
  const over = () => {
    listing.answered = listing.used = performance.now();
  };
  items.then(over, over);
  return listing;
}

function isFresh({ answered, used }: Listing<unknown>): boolean {
  const now = performance.now();
  return answered === undefined || (now - used < PAUSE_MS && now - answered < OLDEST_MS);
}
