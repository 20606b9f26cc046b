import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Gateway } from "./app";

/** What a gateway says of itself, without a key: `/openapi.json`. */
export function docs(app: Gateway): void {
  // Written by scripts/schema.mts from the routes and the comments on the contract's fields, and shipped.
  const document = readFileSync(join(__dirname, "../../schema/openapi.json"), "utf8");
  app.get("/openapi.json", (c) => c.body(document, 200, { "content-type": "application/json" }));
}
