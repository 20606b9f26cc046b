import http, { type ClientRequest } from "node:http";
import https from "node:https";
import { vi } from "vitest";

/** Reports each request that is sent over HTTP or HTTPS; returns how that ends. */
export function onRequest(report: (url: string, sent: ClientRequest) => void): () => void {
  const spies = [http, https].map((over) => {
    const { request } = over;
    return vi.spyOn(over, "request").mockImplementation((...args: unknown[]) => {
      const sent: ClientRequest = Reflect.apply(request, over, args);
      report(String(args[0]), sent);
      return sent;
    });
  });
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
}
