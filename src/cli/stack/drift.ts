import { messageOf, RtcError } from "../../contract";
import { type Drift, driftOf } from "../../reconcile/drift";
import { type Kind, lifecyclesOf } from "../../reconcile/kinds";
import { newProcess, type Properties } from "../../reconcile/lifecycle";
import { monotonicClock } from "../../support/clock";
import type { Deployment, Engine } from "./engine";
import type { Failed } from "./engine-events";
import { isSecret, type Managed, managedIn, withoutSecrets } from "./stack-state";

/** A room or recording with drift. */
export interface Drifted extends Drift {
  kind: Kind;
  name: string;
  id: string;
  messages: string[];
}

/** Drifted resources, and those that could not be observed. */
export interface ObservedDrift {
  resources: Drifted[];
  errors: Failed[];
  /** The outputs of the resources that were observed, as a refresh would store them, by URN; null: it is gone. */
  observed: Map<string, Properties | null>;
}

/**
 * Observes the resources of a stack with its current configuration, and decides what a refresh would change. Changes
 * neither the vendors nor the state, and does not run the engine.
 *
 * @param isConcerned which resources; default: all that it manages
 */
export async function observeDrift(
  engine: Engine,
  state: Deployment,
  isConcerned: (managed: Managed) => boolean = () => true,
): Promise<ObservedDrift> {
  const managed = managedIn(state).filter((one) => !one.isExternal && isConcerned(one));
  const found: ObservedDrift = { resources: [], errors: [], observed: new Map() };
  if (managed.length === 0) return found;
  const client = engine.client();
  const config = engine.settings();
  for (const one of await Promise.all(
    managed.map(async (resource) => {
      const messages: string[] = [];
      const report = (_level: string, message: string) => void messages.push(client.redact(message));
      const process = newProcess({ client, config, report, clock: monotonicClock });
      const { kind, name } = resource;
      try {
        const lifecycle = lifecyclesOf(process)[kind];
        const outputs = withoutSecrets(resource.outputs);
        const live = await lifecycle.read(resource.resourceId, outputs);
        found.observed.set(resource.urn, live?.props ?? null);
        const drift = driftOf({ inputs: withoutSecrets(resource.inputs), outputs }, live);
        return (
          drift && {
            drifted: { kind, name, id: resource.id, ...withoutSecretValues(drift, resource), messages },
          }
        );
      } catch (error) {
        if (!RtcError.isInstance(error)) throw error;
        const message = client.redact(`${error.code}: ${messageOf(error)}`);
        return { failed: { resource: name, message, code: error.code } };
      }
    }),
  )) {
    if (one?.drifted) found.resources.push(one.drifted);
    if (one?.failed) found.errors.push(one.failed);
  }
  return found;
}

/** The drift without the values of fields that are secret in the state. */
function withoutSecretValues(drift: Drift, { inputs, outputs }: Managed): Drift {
  const fields = drift.fields.map(({ field, ...values }) =>
    isSecret(inputs[field]) || isSecret(outputs[field])
      ? { field, ...Object.fromEntries(Object.keys(values).map((key) => [key, "[secret]"])) }
      : { field, ...values },
  );
  return { ...drift, fields };
}
