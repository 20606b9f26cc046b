import type { Issue } from "../contract";
import type { Properties, ReadResource } from "./context";

/** What the engine calls, whatever the kind of the resource. Each call observes, decides and acts. */
export interface Lifecycle {
  /** All problems of the inputs at once, without the network; what is left open is resolved into them. */
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] };
  /** What a changed declaration does. `changes` is left out where the engine is to compare the inputs itself. */
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
