/**
 * Node's `node:crypto`, loaded by the first call: it takes a fifth of Node's own start, and most commands need none of it.
 *
 * @example nodeCrypto().createHash("sha256").update(text).digest("hex")
 */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
