import {
  type Capability,
  capability as capabilitySchema,
  type Discovery,
  parse,
  RtcError,
} from "../contract";
import type { GatewayClient } from "./remote-gateway";
import { discoverySchema, vendorOf } from "./remote-records";

/** For how long a gateway is taken to offer what it offers: one that is upgraded shows it. */
const FRESH_MS = 60_000;
/** What a gateway answers that does not know a capability. A wrong key or an outage is none of these. */
const NOT_OFFERED: ReadonlySet<string> = new Set(["NOT_FOUND", "INVALID_ARGUMENT", "UNSUPPORTED"]);

/** What the parts of a client of a gateway work with. */
export interface Remote {
  gateway: GatewayClient;
  offers: Offers;
  /** The vendors of this version. */
  known: readonly string[];
}

/** What a gateway offers beyond the nine that all have, by its own word. */
export class Offers {
  readonly #gateway: GatewayClient;
  readonly #known: readonly string[];
  readonly #asked = new Map<Capability, { at: number; answer: Promise<Discovery> }>();

  constructor(gateway: GatewayClient, known: readonly string[]) {
    this.#gateway = gateway;
    this.#known = known;
  }

  /** Which vendors can do something there; none where the gateway does not know it. */
  async discover(asked: Capability): Promise<Discovery> {
    const capability = parse(capabilitySchema, asked, "the capability");
    const before = this.#asked.get(capability);
    if (before && performance.now() - before.at < FRESH_MS) return before.answer;
    const answer = this.#discovered(capability);
    this.#asked.set(capability, { at: performance.now(), answer });
    // What failed says nothing of what there is: it is asked for again.
    answer.catch(() => this.#asked.delete(capability));
    return answer;
  }

  /** @throws UNSUPPORTED where the gateway does not advertise it, for the vendor of a room or recording */
  async need(capability: Capability, id?: string): Promise<void> {
    const { vendors } = await this.discover(capability);
    const vendor = vendorOf(id ?? "");
    const own = vendors.find((one) => one.vendor === vendor);
    if (own ? own.available : vendors.some(({ available }) => available)) return;
    const told = (own ? [own] : vendors).map((one) => `${one.vendor}: ${one.reason ?? "cannot"}`);
    const why = told.length > 0 ? `: ${told.join("; ")}` : "";
    const message = `the gateway ${this.#gateway.endpoint} does not advertise ${capability}${why}`;
    throw new RtcError("UNSUPPORTED", message, { operation: capability });
  }

  async #discovered(capability: Capability): Promise<Discovery> {
    const path = `/v1/discovery/${capability}`;
    try {
      const call = { capability: "discovery", method: "GET", path, repeatable: true } as const;
      const { vendors } = await this.#gateway.call(call, discoverySchema);
      return { capability, vendors };
    } catch (error) {
      if (!RtcError.isInstance(error) || !NOT_OFFERED.has(error.code)) throw error;
      const reason = "the gateway does not know it";
      return { capability, vendors: this.#known.map((vendor) => ({ vendor, available: false, reason })) };
    }
  }
}
