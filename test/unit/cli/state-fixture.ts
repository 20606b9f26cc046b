import { MemoryVendor } from "../../conformance/memory.ts";

/** A room of the state that is at the vendor, with metadata as the state has it. */
export function roomIn(name: string, metadata: unknown, outputsToo: object, more: object = {}) {
  const id = `memory:${name}`;
  const inputs = { name, vendor: "memory", metadata };
  const vendorSettings = { emptyTimeoutSeconds: 2 ** 32 - 1, departureTimeoutSeconds: 2 ** 32 - 1 };
  const outputs = {
    ...inputs,
    room: id,
    endpoint: new MemoryVendor().endpoint,
    vendorSettings,
    schemaVersion: 1,
    ...outputsToo,
  };
  const type = "pulumi-nodejs:dynamic/rtc:RtcRoom";
  return { urn: `urn:pulumi:dev::acme::${type}::${name}`, type, id, inputs, outputs, ...more };
}
