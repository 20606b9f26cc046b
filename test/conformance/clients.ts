import type { RtcConfig } from "../../src/client/config.ts";
import { localClient } from "../../src/client/local.ts";
import type { Registry } from "../../src/client/vendors.ts";
import { MemoryVendor } from "./memory.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import type { World } from "./world.ts";

/** What the clients of a world are configured with. */
export interface Configs {
  own: RtcConfig;
  /** The same, but for another server or app. */
  elsewhere: RtcConfig;
  /** The same with the keys of another account. */
  stranger: RtcConfig;
}

/** The clients of a world, over the vendors that there are. */
export function clientsOf(
  vendor: string,
  registry: Registry,
  { own, elsewhere, stranger }: Configs,
): Pick<World, "vendor" | "connect" | "connectElsewhere" | "connectAsStranger" | "connectBesideAnother"> {
  // A client is made for each use: a new process has nothing in memory.
  return {
    vendor,
    connect: () => localClient(own, registry),
    connectElsewhere: () => localClient(elsewhere, registry),
    connectAsStranger: () => localClient(stranger, registry),
    connectBesideAnother: () =>
      localClient(
        { ...own, vendors: ["another", vendor] },
        { ...registry, another: () => ({ ...memoryAdapter(new MemoryVendor()), vendor: "another" }) },
      ),
  };
}

let names = 0;

/** A room name that nothing else in this process uses. */
export function freshName(): string {
  names += 1;
  return `room-${names}`;
}
