import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Which client an address is of, in one spelling: an IPv4 address, also where it is mapped into IPv6, or the /64 network
 * of an IPv6 address, all of which is one subscriber's. A port and brackets, which some proxies add, are left out.
 *
 * @returns undefined for what is no address
 * @example clientOf("[2001:db8::1]:443"); // "2001:db8:0:0::/64"
 */
export function clientOf(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (isIP(bare) === 0) return undefined;
  const address = ipaddr.process(bare);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
