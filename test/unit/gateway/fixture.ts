import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { RtcConfig } from "../../../src/client/config.ts";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import type { VendorAdapter } from "../../../src/contract/index.ts";
import { createGateway } from "../../../src/gateway/http/app.ts";
import type { GatewayParts } from "../../../src/gateway/http/context.ts";
import type { Principal } from "../../../src/gateway/services/keys.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";
import type { RoomStore } from "../../../src/gateway/store/store.ts";
import { Health } from "../../../src/routing/circuit-breaker.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter } from "../../conformance/memory-vendors.ts";

export const KEY = "key-of-the-test";
/** A place without a region. */
export const at = (name: string) => ({ region: null, name });

/** What has come back. */
export interface Answered {
  status: number;
  headers: Headers;
  body: unknown;
  text: string;
}

/** A gateway of the test's own: a vendor of persistent rooms (`memory`), and if requested one of on-demand rooms (`fleeting`). */
export interface TestGateway {
  memory: MemoryVendor;
  fleeting: MemoryVendor;
  client: RtcClient;
  names: RoomStore;
  /** The path goes out as it is written. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
}

/** What a test's gateway is like. */
export interface TestOptions {
  both?: boolean;
  config?: RtcConfig;
  principal?: Partial<Principal>;
  client?: Partial<RtcClient>;
  parts?: Partial<GatewayParts>;
  adapter?: (good: VendorAdapter) => VendorAdapter;
}

/** Starts one, without a network. */
export function gateway(options: TestOptions = {}): TestGateway {
  const { both = false, config = {}, principal, parts, adapter = (good) => good } = options;
  const memory = new MemoryVendor();
  const fleeting = new MemoryVendor("https://fleeting.example");
  const { names, recordings } = openSqliteStore(":memory:");
  const vendors = {
    memory: () => adapter(memoryAdapter(memory, ["eu"])),
    ...(both && { fleeting: () => fleetingAdapter(fleeting) }),
  };
  const real = localClient({ recordingOutput: "s3://acme/", ...config }, vendors, new Health(), names);
  const client = { ...real, ...options.client };
  const keys = {
    check: async (bearer: string) =>
      bearer === KEY ? { id: "k1", name: "test", readOnly: false, ...principal } : undefined,
  };
  const app = createGateway({ client, keys, names, recordings, ...parts });
  return {
    memory,
    fleeting,
    client,
    names,
    async ask(method, path, body, headers = {}) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const response = await app.request(
        `http://gateway.example${path}`,
        {
          method,
          headers: {
            authorization: `Bearer ${KEY}`,
            ...(text !== undefined && { "content-type": "application/json" }),
            ...headers,
          },
          ...(text !== undefined && { body: text }),
        },
        { incoming: { url: path } },
      );
      const answered = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json");
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && answered !== "" ? JSON.parse(answered) : undefined,
        text: answered,
      };
    },
  };
}

/** The document that is shipped. */
export const document = JSON.parse(readFileSync(join(__dirname, "../../../schema/openapi.json"), "utf8"));

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: "openapi.json", ...document });

/** Why a body does not match the document; undefined where it does. */
export function offDocument(part: string, body: unknown): string | undefined {
  const check = ajv.getSchema(`openapi.json#/components/schemas/${part}`);
  if (!check) throw new Error(`The document has no ${part}.`);
  return check(body) ? undefined : ajv.errorsText(check.errors);
}
