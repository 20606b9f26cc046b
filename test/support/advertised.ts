import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CAPABILITIES } from "../../src/contract/capabilities.ts";
import { atEndOfFile } from "./cleanup.ts";
import { readAll } from "./forwarding.ts";

/** What a gateway offers: all that ours has, or what every gateway must have. */
export type Advertised = "everything" | "core only";

/** The capabilities that not every gateway has. */
export const OPTIONAL = CAPABILITIES.slice(9);

/** `/v1/rtc/recording/get/…` or `/v1/discovery/rtc.recording.get`. */
export function isOptional(url: string): boolean {
  return OPTIONAL.some((capability) => {
    const route = `/v1/${capability.replaceAll(".", "/")}`;
    const [path = ""] = url.split("?");
    return path === `/v1/discovery/${capability}` || path === route || path.startsWith(`${route}/`);
  });
}

/** The address of the same gateway without the routes of optional capabilities, until the end of the test file. */
export async function serveCoreOnly(address: string): Promise<string> {
  const between = createServer(async (request, response) => {
    const { url = "", method = "", headers } = request;
    if (isOptional(url)) return void response.writeHead(404).end("no such route");
    const body = await readAll(request);
    const passed = Object.entries(headers).filter(([name]) =>
      /^(authorization|content-type|accept)$/.test(name),
    );
    const answer = await fetch(`${address}${url}`, {
      method,
      headers: Object.fromEntries(passed.map(([name, value]) => [name, String(value)])),
      ...(body.length > 0 && { body }),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  });
  between.listen(0, "127.0.0.1");
  await once(between, "listening");
  atEndOfFile(() => {
    between.close();
    between.closeAllConnections();
  });
  return `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
}
