import type { Kind } from "../../reconcile/kinds";
import type { Deployment, StateResource } from "./engine";
import { kindOf, nameOf } from "./engine-events";

/** A room or recording of the state. */
export interface Managed {
  kind: Kind;
  name: string;
  urn: string;
  /** The room id, or the recording id. */
  id: string;
  vendor: string;
  isProtected: boolean;
  /** Read by the program, and not managed. */
  isExternal: boolean;
  /** The engine's own id of the resource. */
  resourceId: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** The rooms and recordings of a state. */
export function managedIn({ resources = [] }: Deployment): Managed[] {
  return resources.flatMap((resource) => {
    const managed = toManaged(resource);
    return managed === undefined ? [] : [managed];
  });
}

/** The pending operations of a killed run. The engine does not know whether the resources exist. */
export function pendingIn({ pending_operations: pending }: Deployment): {
  operations: number;
  creates: Managed[];
} {
  const all = pending ?? [];
  const creates = all.flatMap(({ type, resource }) => {
    const managed = type === "creating" ? toManaged(resource) : undefined;
    return managed === undefined ? [] : [managed];
  });
  return { operations: all.length, creates };
}

function toManaged({
  urn,
  type,
  id: resourceId = "",
  protect = false,
  external = false,
  inputs = {},
  outputs = {},
}: StateResource): Managed | undefined {
  const kind = kindOf(type);
  if (kind === undefined) return undefined;
  const id = String(outputs[kind] ?? "");
  const vendor = String(outputs["vendor"] ?? inputs["vendor"] ?? "");
  return {
    ...{ kind, name: nameOf(urn), urn, id, resourceId, vendor, inputs, outputs },
    ...{ isProtected: protect, isExternal: external },
  };
}
