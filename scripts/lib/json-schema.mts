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

/** The JSON Schemas of a manifest and of an overlay, for editors: made from the zod schema that checks manifests. */
export function jsonSchemas(
  manifest: z.ZodType,
): Record<"rtc.schema.json" | "rtc.overlay.schema.json", Schema> {
  const base = z.toJSONSchema(manifest, {
    ...{ target: "draft-7", io: "input", unrepresentable: "any" },
    // Editors show a description as plain text.
    override: ({ jsonSchema }) => {
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
