import type { Context } from "../context";
import type { Declarations } from "../declarations";

/** What the lifecycle of recordings works with. */
export interface RecordingContext extends Context {
  /** The rooms of the same program. */
  rooms: Declarations;
}
