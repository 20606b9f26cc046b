import { expect } from "vitest";
import { remoteClient } from "../../../src/client/remote.ts";
import { Engine, type Program } from "../../conformance/engine.ts";
import type { CoreGatewayOptions } from "../../emulators/core-only.ts";
import { coreGatewayWith, KEY } from "../client/remote-fixture.ts";

/** A stack whose resources go through a third-party gateway, with only the core capabilities. */
export async function stackWith(options: Partial<CoreGatewayOptions> = {}) {
  const { gateway } = await coreGatewayWith(options);
  const connect = () => remoteClient({ endpoint: gateway.url, apiKey: KEY });
  const newEngine = () => new Engine(connect);
  return { gateway, engine: newEngine(), newEngine, connect };
}

/** There is nothing to do, before and after a refresh. */
export async function expectNoChanges(engine: Engine, program: Program): Promise<void> {
  expect(await engine.preview(program), "a second plan").toEqual([]);
  expect(await engine.refresh(), "a refresh").toEqual([]);
  expect(await engine.preview(program), "a plan after the refresh").toEqual([]);
}
