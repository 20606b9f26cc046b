import { createHash } from "node:crypto";

const digits = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** What an owner mark is made from. */
export interface Owner {
  project: string;
  stack: string;
  /** The URN of the resource that declares the room. */
  urn: string;
}

/**
 * The mark that a declared room carries at the vendor: 12 hex digits for the stack, so that a stack
 * recognises its own, and 12 for the resource.
 *
 * @example ownerMark({ project: "acme", stack: "dev", urn }) // "1f0c…-9ab3…"
 */
export function ownerMark({ project, stack, urn }: Owner): string {
  return `${digits(`${project}/${stack}`)}-${digits(urn)}`;
}

/** Whether a text has the shape of an {@link ownerMark}. */
export function isOwnerMark(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{12}-[0-9a-f]{12}$/.test(text);
}
