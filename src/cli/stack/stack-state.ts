import { KINDS, type Kind } from "../../reconcile/kinds";
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

/** The rooms and recordings of a state by name: the engine stores them in the order in which they were created at once. */
export function managedIn({ resources = [] }: Deployment): Managed[] {
  return resources
    .flatMap((resource) => toManaged(resource) ?? [])
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || byName(a.name, b.name));
}

const byName = new Intl.Collator("en", { numeric: true }).compare;

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

/** The signature of a secret in an exported state: a key of Pulumi's, and the value as JSON. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Whether a value of an exported state is or contains a secret. */
export function isSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Reflect.get(value, SIGNATURE) === SECRET || Object.values(value).some(isSecret);
}

/** Properties of an exported state with secrets in plain text, as a provider gets them. */
export function withoutSecrets(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (Reflect.get(value, SIGNATURE) !== SECRET) return withoutSecrets({ ...value });
  const text: unknown = Reflect.get(value, "plaintext");
  return typeof text === "string" ? plain(JSON.parse(text)) : undefined;
}
