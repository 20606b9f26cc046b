import { useCallback } from "react";
import type { Capability } from "../src/contract/capabilities";
import { oneLine } from "../src/contract/printable";
import type { Gateway } from "./gateway";
import { usePolling } from "./polling";
import { Badge, Failure, Foreign } from "./text";

const PAUSE_MS = 15_000;

/** What is asked of each vendor, in words. */
const ASKED: Partial<Record<Capability, string>> = {
  "rtc.room.create": "rooms",
  "rtc.room.list": "list of rooms",
  "rtc.token.issue": "tokens",
  "rtc.participant.list": "list of participants",
  "rtc.participant.kick": "removal of participants",
  "rtc.recording.start": "recordings",
};

/** A vendor as it is shown. */
interface ShownVendor {
  vendor: string;
  /** `ok`, the code of its error, or undefined where it is not configured. */
  state: string | undefined;
  can: string[];
  /** Reasons, each with what is missing for it. */
  cannot: Map<string, string[]>;
}

async function readVendors(gateway: Gateway): Promise<ShownVendor[]> {
  const asked = Object.entries(ASKED) as [Capability, string][];
  const [states, ...found] = await Promise.all([
    gateway.vendorStates(),
    ...asked.map(([capability]) => gateway.discover(capability)),
  ]);
  const shown = new Map<string, ShownVendor>();
  for (const [index, { vendors }] of found.entries()) {
    const words = asked[index]?.[1] ?? "";
    for (const { vendor, available, reason = "" } of vendors) {
      const one = shown.get(vendor) ?? newVendor(vendor, states[vendor]);
      shown.set(vendor, one);
      if (available) one.can.push(words);
      else one.cannot.set(reason, [...(one.cannot.get(reason) ?? []), words]);
    }
  }
  return [...shown.values()];
}

function newVendor(vendor: string, state: string | undefined): ShownVendor {
  return { vendor, state, can: [], cannot: new Map() };
}

/** The vendors, what each is available for, and why not for the rest; of those without keys the names, and the rest on demand. */
export function Vendors({ gateway }: { gateway: Gateway }) {
  const { value = [], problem } = usePolling(
    useCallback(() => readVendors(gateway), [gateway]),
    PAUSE_MS,
  );
  const others = value.filter(({ state }) => state === undefined);
  return (
    <section aria-labelledby="vendors">
      <h2 id="vendors">Vendors</h2>
      <Failure problem={problem} />
      <Rows vendors={value.filter(({ state }) => state !== undefined)} />
      {others.length > 0 && (
        <details>
          <summary>Not configured: {others.map(({ vendor }) => oneLine(vendor)).join(", ")}</summary>
          <Rows vendors={others} />
        </details>
      )}
    </section>
  );
}

function Rows({ vendors }: { vendors: readonly ShownVendor[] }) {
  return (
    <ul className="rows">
      {vendors.map(({ vendor, state, can, cannot }) => (
        <li key={vendor} aria-label={vendor}>
          <strong>
            <Foreign text={vendor} />
          </strong>{" "}
          {state !== undefined && <Badge state={state} />}
          {can.length > 0 && <span className="about">available for {can.join(", ")}</span>}
          {[...cannot].map(([reason, what]) => (
            <span key={reason} className="about">
              not for {what.join(", ")}: <Foreign text={reason} />
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
