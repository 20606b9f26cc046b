import type { Kind } from "../../reconcile/kinds";
import type { Deployment, StateResource } from "./engine";
import { kindOf, nameOf } from "./engine-events";

/** A room or recording as the state holds it. */
export interface Held {
  kind: Kind;
  name: string;
  urn: string;
  /** The room id, or the recording id. */
  id: string;
  vendor: string;
  isProtected: boolean;
  /** Only read by the program, and not managed. */
  isExternal: boolean;
  /** The engine's own id of the resource. */
  resourceId: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** The rooms and recordings of a state. */
export function heldIn({ resources = [] }: Deployment): Held[] {
  return resources.flatMap((resource) => {
    const held = asHeld(resource);
    return held === undefined ? [] : [held];
  });
}

/** What a run that was killed had begun to make. The engine does not know whether it is there. */
export function pendingIn({ pending_operations: pending }: Deployment): {
  operations: number;
  creates: Held[];
} {
  const all = pending ?? [];
  const creates = all.flatMap(({ type, resource }) => {
    const held = type === "creating" ? asHeld(resource) : undefined;
    return held === undefined ? [] : [held];
  });
  return { operations: all.length, creates };
}

function asHeld({
  urn,
  type,
  id: resourceId = "",
  protect = false,
  external = false,
  inputs = {},
  outputs = {},
}: StateResource): Held | undefined {
  const kind = kindOf(type);
  if (kind === undefined) return undefined;
  const id = String(outputs[kind] ?? "");
  const vendor = String(outputs["vendor"] ?? inputs["vendor"] ?? "");
  return {
    ...{ kind, name: nameOf(urn), urn, id, resourceId, vendor, inputs, outputs },
    ...{ isProtected: protect, isExternal: external },
  };
}
