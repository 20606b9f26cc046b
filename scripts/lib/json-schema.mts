import { z } from "zod";

/** A part of a JSON Schema. */
export interface Schema {
  [key: string]: unknown;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  anyOf?: Schema[];
  items?: Schema;
}

const REFERENCE = { type: "string", pattern: "\\$\\{env:" };

/** The host of a storage service in the place of a bucket or a folder. */
const SERVICE =
  "[^/]*(amazonaws\\.com(\\.cn)?|googleapis\\.com|digitaloceanspaces\\.com|cloudflarestorage\\.com|scw\\.cloud|wasabisys\\.com|backblazeb2\\.com|core\\.(windows\\.net|chinacloudapi\\.cn))(/|$)";

/** What is a destination: not another scheme, nor one with a missing colon or slash, nor a service's host. `rtc validate` checks more. */
const DESTINATION = `^(?!:|//)(?!(s3|s3a|gs|gcs|az|azure|azblob|abfss?|wasbs?|arn|https?|file|ftp)([:;]|//))(?!${SERVICE})|^(s3|gs)://(?!${SERVICE})[\\w.-]+(/|$)|^azblob://[^@/]+@([a-z0-9]{3,24}|\\{account_name\\})(/|$)|\\$\\{env:`;

/**
 * The JSON Schemas of a manifest and of an overlay, for editors: made from the zod schema that checks manifests.
 *
 * @param vendors those of this version. A gateway may have others, so that another one is a warning and no error
 */
export function jsonSchemas(
  manifest: z.ZodType,
  vendors: readonly string[],
): Record<"rtc.schema.json" | "rtc.overlay.schema.json", Schema> {
  const base = z.toJSONSchema(manifest, {
    ...{ target: "draft-7", io: "input", unrepresentable: "any" },
    // Editors show a description as plain text.
    override: ({ jsonSchema, path }) => {
      if (path.at(-1) === "vendor") Object.assign(jsonSchema, vendorOf(vendors));
      if (path.at(-1) === "outputUri")
        Object.assign(jsonSchema, { pattern: DESTINATION, patternErrorMessage: NO_DESTINATION });
      if (jsonSchema.description) jsonSchema.description = jsonSchema.description.replaceAll("`", "");
    },
  }) as Schema;
  const { $schema, ...rest } = referable(base);
  return {
    "rtc.schema.json": { $schema, title: "A manifest of rooms and recordings: rtc.yaml", ...rest },
    "rtc.overlay.schema.json": {
      $schema,
      title: "What a stack lays over rtc.yaml: rtc.<stack>.yaml. null takes away",
      ...overlaid(rest),
    },
  };
}

const NO_DESTINATION =
  "must be s3://bucket/path, gs://bucket/path, azblob://container@account/path, or a path on the egress host";

/** Editors complete these, and show the message beside any other; validators take any. */
function vendorOf(vendors: readonly string[]): Schema {
  const deprecationMessage = `is not a vendor of this version, which has ${vendors.join(", ")}; only a gateway may have others`;
  const known = { anyOf: [{ enum: [...vendors] }, REFERENCE] };
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
  return { examples: [...vendors], if: { not: known }, then: { deprecationMessage } };
}

/** A value that is no text may come from the environment instead. */
function referable(schema: Schema): Schema {
  const { anyOf, properties, additionalProperties } = schema;
  const inner: Schema = {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map(referable) }),
    ...(properties && { properties: mapped(properties, referable) }),
    ...(additionalProperties && { additionalProperties: referable(additionalProperties) }),
  };
  const takes = schema.type === "integer" || schema.type === "boolean" || Array.isArray(schema["enum"]);
  if (!takes) return inner;
  const { description, ...value } = inner;
  return { ...(description === undefined ? {} : { description }), anyOf: [value, REFERENCE] };
}

/** Nothing is required, and null takes away, but in a value that is replaced as a whole. */
function overlaid(schema: Schema): Schema {
  const { required: _, properties, anyOf, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(anyOf && { anyOf: anyOf.map(overlaid) }),
    ...(properties && {
      properties: mapped(properties, (inner, name) =>
        name === "metadata" ? inner : nullable(overlaid(inner)),
      ),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: additionalProperties === false ? false : nullable(overlaid(additionalProperties)),
    }),
  };
}

function nullable(schema: Schema): Schema {
  if (schema.anyOf?.some(({ type }) => type === "null")) return schema;
  const { description, ...rest } = schema;
  return { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: "null" }] };
}

function mapped(properties: Record<string, Schema>, change: (schema: Schema, name: string) => Schema) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, change(schema, name)]));
}
