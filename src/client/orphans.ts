import { isOfStack, stackTag } from "../contract/ids";
import type { Recording } from "../contract/types";
import type { RtcClient } from "./types";

/** The stack whose orphaned recordings are listed. */
export interface StrayOptions {
  /** The Pulumi project and stack that declare the rooms. */
  project: string;
  stack: string;
  /** The recordings in the stack's state, by id. */
  known: readonly string[];
}

/**
 * The recordings that have not ended, of rooms that carry a stack's ownership tag, and that are not in its state: a
 * killed run can orphan them. A room's own recording (`enableRecording`) is in no state either, so it is among them.
 *
 * @example
 * for (const { recording } of await strayRecordings(client, { project: "acme", stack: "dev", known: [] }))
 *   await client.recording.stop(recording);
 */
export async function strayRecordings(
  client: RtcClient,
  { project, stack, known }: StrayOptions,
): Promise<Recording[]> {
  const tag = stackTag({ project, stack });
  const { items } = await client.recording.list({ active: true });
  const unknown = items.filter(({ recording }) => !known.includes(recording));
  const owners = await Promise.all(
    unknown.map(async ({ room }) => (await client.room.find(room, { shared: true }))?.owner),
  );
  return unknown.filter((_, index) => isOfStack(owners[index], tag));
}
