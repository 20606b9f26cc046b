import {
  type Capability,
  capability as capabilitySchema,
  type Discovery,
  parse,
  RtcError,
} from "../contract";
import type { GatewayClient } from "./remote-gateway";
import { discoverySchema, vendorOf } from "./remote-records";

/** How long an answer of discovery is cached: an upgraded gateway advertises more. */
const FRESH_MS = 60_000;
/** The errors of a gateway that does not know a capability. A wrong key or an outage is none of these. */
const NOT_ADVERTISED: ReadonlySet<string> = new Set(["NOT_FOUND", "INVALID_ARGUMENT", "UNSUPPORTED"]);

/** The dependencies of a gateway client's parts. */
export interface Remote {
  gateway: GatewayClient;
  capabilities: GatewayCapabilities;
  /** The vendors of this version. */
  known: readonly string[];
  /** Whether a vendor of this version has on-demand rooms. */
  isOnDemand(vendor: string): boolean;
}

/** The optional capabilities that a gateway advertises. */
export class GatewayCapabilities {
  readonly #gateway: GatewayClient;
  readonly #known: readonly string[];
  readonly #answers = new Map<Capability, { at: number; answer: Promise<Discovery> }>();

  constructor(gateway: GatewayClient, known: readonly string[]) {
    this.#gateway = gateway;
    this.#known = known;
  }

  /** Which vendors have a capability there; none where the gateway does not know it. */
  async discover(asked: Capability): Promise<Discovery> {
    const capability = parse(capabilitySchema, asked, "the capability");
    const before = this.#answers.get(capability);
    if (before && performance.now() - before.at < FRESH_MS) return before.answer;
    const answer = this.#fetch(capability);
    this.#answers.set(capability, { at: performance.now(), answer });
    // A failure is not cached.
    answer.catch(() => this.#answers.delete(capability));
    return answer;
  }

  /** @throws UNSUPPORTED where the gateway does not advertise it for the vendor of a room or recording */
  async assertAdvertised(capability: Capability, id?: string): Promise<void> {
    const { vendors } = await this.discover(capability);
    const vendor = vendorOf(id ?? "");
    const own = vendors.find((one) => one.vendor === vendor);
    if (own ? own.available : vendors.some(({ available }) => available)) return;
    const reasons = (own ? [own] : vendors).map((one) => `${one.vendor}: ${one.reason ?? "cannot"}`);
    const why = reasons.length > 0 ? `: ${reasons.join("; ")}` : "";
    const message = `the gateway ${this.#gateway.endpoint} does not advertise ${capability}${why}`;
    throw new RtcError("UNSUPPORTED", message, { operation: capability });
  }

  async #fetch(capability: Capability): Promise<Discovery> {
    const path = `/v1/discovery/${capability}`;
    try {
      const call = { capability: "discovery", method: "GET", path, repeatable: true } as const;
      const { vendors } = await this.#gateway.call(call, discoverySchema);
      return { capability, vendors };
    } catch (error) {
      if (!RtcError.isInstance(error) || !NOT_ADVERTISED.has(error.code)) throw error;
      const reason = "the gateway does not know it";
      return { capability, vendors: this.#known.map((vendor) => ({ vendor, available: false, reason })) };
    }
  }
}
