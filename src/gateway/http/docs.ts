import { readFileSync } from "node:fs";
import { join } from "node:path";
import { html } from "hono/html";
import { PACKAGE, serveAssets } from "./assets";
import type { GatewayApp } from "./context";

/* The documentation that a gateway serves without a key. Everything comes from the gateway: it calls no other address. */

/** Written by scripts/schema.mts from the routes, and shipped. */
const DOCUMENT = join(PACKAGE, "schema/openapi.json");

const START = `SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  // What a field means, before an example of it. One level more, and each error lists every code there is.
  defaultModelRendering: "model",
  defaultModelExpandDepth: 2,
  // Else it would ask a server of Swagger's whether the document is valid.
  validatorUrl: null,
});
`;

const PAGE = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>rtc gateway: reference</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="reference"><noscript>The reference as data: <a href="openapi.json">openapi.json</a></noscript></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `/openapi.json`, and a page that shows it, `/docs`. */
export function docs(app: GatewayApp): void {
  const document = readFileSync(DOCUMENT, "utf8");
  app.get("/openapi.json", (c) => c.body(document, 200, { "content-type": "application/json" }));
  app.get("/docs", (c) => c.html(PAGE, 200, { "content-security-policy": POLICY }));
  app.get("/docs/start.js", (c) => c.body(START, 200, { "content-type": "text/javascript" }));
  serveAssets(app, "/docs", "swagger-ui", ["swagger-ui.css", "swagger-ui-bundle.js"]);
}
