import type { Issue } from "../contract";
import type { Properties, ReadResource } from "./context";
import type { Declaration } from "./declarations";

/** What the engine calls for every kind of resource. Each call observes, decides and acts. */
export interface Lifecycle {
  /** Returns all problems of the inputs at once, without the network, and resolves the vendor and names into them. */
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] };
  /**
   * Reports what `up` will meet at the vendor with a new resource, for a preview that may ask it: check comes without the
   * network, and the engine asks nothing more of a resource that has no state.
   */
  foresee?(urn: string, inputs: Properties): Promise<void>;
  /** What is declared in this run of a resource of the state; undefined in a refresh or a destroy. */
  declaration?(
    id: string,
    olds: Properties,
    news: Properties,
  ): Pick<Declaration, "urn" | "dryRun"> | undefined;
  /** What a changed declaration does. Without `changes` the engine compares the inputs itself. */
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes?: boolean; replaces: string[]; deleteBeforeReplace: boolean }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  /** The resource as it is observed; null: it is gone. */
  read(id: string, props: Properties): Promise<ReadResource | null>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}
