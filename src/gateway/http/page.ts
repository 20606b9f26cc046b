import { html } from "hono/html";
import type { RtcClient } from "../../client/types";
import { RtcError, roomId } from "../../contract";
import { serveAssets } from "./assets";
import type { GatewayApp } from "./context";

/* The page at `/`, whose sources are in page/. It asks for a key, and has no other access than the routes with that key. */

const PAGE = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>rtc gateway</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="page/page.css">
  </head>
  <body>
    <div id="page"><noscript>This page needs JavaScript. The <a href="docs">reference</a> lists the requests.</noscript></div>
    <script type="module" src="page/page.js"></script>
  </body>
</html>
`;

/** Where to go from `/`, for a program. */
const INDEX = { service: "rtc gateway", docs: "/docs", openapi: "/openapi.json", ready: "/readyz" };

/** `/`: for a browser the page with the rooms of this gateway, for others where to go. */
export function page(app: GatewayApp, client: RtcClient): void {
  app.get("/", (c) => {
    if (!c.req.header("accept")?.includes("text/html")) return c.json(INDEX);
    return c.html(PAGE, 200, {
      "content-security-policy": policy(client),
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
    });
  });
  serveAssets(app, "/page", "page", ["page.js", "page.css"]);
}

/** Scripts and requests of the gateway only, and connections to the servers whose rooms the page joins. */
function policy(client: RtcClient): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...serversOf(client)].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The origins of the configured servers that keep rooms, which participants connect to. */
function serversOf(client: RtcClient): string[] {
  const places = client.vendors().flatMap((vendor) => {
    const { keepsRooms, deployments = [] } = client.traits(vendor);
    return keepsRooms ? deployments.map((region) => roomId({ vendor, region, name: "any" })) : [];
  });
  const origins = places.flatMap((place) => {
    try {
      const { origin } = new URL(client.endpoint(place));
      return [origin, origin.replace(/^http/, "ws")];
    } catch (error) {
      if (RtcError.isInstance(error)) return []; // it is not configured
      throw error;
    }
  });
  return [...new Set(origins)];
}
