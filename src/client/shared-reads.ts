/** Readers that follow each other this closely are one refresh. */
const PAUSE_MS = 500;
/** The largest age of an answer, however long a refresh takes. */
const OLDEST_MS = 5_000;

interface Listing<T> {
  items: Promise<Map<string, T>>;
  /** When it was answered; undefined while it is in progress. */
  answered?: number;
  /** When it was last read. */
  used: number;
}

/** Lets readers that follow each other share one listing: a refresh of many resources is a handful of calls. */
export class SharedReads<T> {
  readonly #listings = new Map<string, Listing<T>>();

  /** The item of this name in the listing of a location, which `list` fetches if none is fresh. */
  async find(
    location: string,
    name: string,
    list: () => Promise<T[]>,
    nameOf: (item: T) => string,
  ): Promise<T | undefined> {
    const known = this.#listings.get(location);
    const listing = known && isFresh(known) ? known : startListing(list, nameOf);
    this.#listings.set(location, listing);
    const items = await listing.items;
    listing.used = performance.now(); // not of a failed one, which is fetched again soon
    return items.get(name);
  }

  /** Awaits a change, then drops every listing from before it. */
  async invalidateAfter<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } finally {
      this.#listings.clear();
    }
  }
}

function startListing<T>(list: () => Promise<T[]>, nameOf: (item: T) => string): Listing<T> {
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
