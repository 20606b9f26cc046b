import type { Kind } from "../reconcile/kinds";

/**
 * The provider of every resource, as the engine stores and runs it: one constant line that loads this package
 * from the project's folder. Nothing is captured, so no secret can be, and an upgraded package takes effect at
 * once. `createRequire` finds installed, linked and self-referenced packages alike.
 */
export const shim = (kind: Kind) =>
  `exports.handler=()=>require("module").createRequire(process.cwd()+"/")("pulumi-rtc/provider").${kind}`;
