import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { jsonSchemas } from "./lib/json-schema.mts";

/* Writes schema/, which a test compares with what the sources say: npm run build, then node scripts/schema.mts. */

const folder = join(import.meta.dirname, "../schema");
mkdirSync(folder, { recursive: true });
const { manifestSchema } = createRequire(import.meta.url)("../dist/manifest/schema.js");
for (const [name, schema] of Object.entries(jsonSchemas(manifestSchema)))
  writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
