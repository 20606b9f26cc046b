import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { jsonSchemas } from "./lib/json-schema.mts";

/* Writes schema/ from a build, which tests compare with what the sources say: a part of `npm run docs`. */

const root = join(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const { manifestSchema } = require("../dist/manifest/schema.js");
const { registry } = require("../dist/vendors/registry.js");
const { openApi } = require("../dist/gateway/http/document.js");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

mkdirSync(join(root, "schema"), { recursive: true });
const files = {
  ...jsonSchemas(manifestSchema, Object.keys(registry)),
  "openapi.json": openApi(version),
};
for (const [name, schema] of Object.entries(files))
  writeFileSync(join(root, "schema", name), `${JSON.stringify(schema, null, 2)}\n`);
