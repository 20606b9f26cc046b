import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { z } from "zod";

const root = join(import.meta.dirname, "../..");

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

/** The JSON Schemas of a manifest and of an overlay, for editors: made from the zod schema that checks manifests, and from the comments on its fields. */
export function jsonSchemas(
  manifest: z.ZodType,
): Record<"rtc.schema.json" | "rtc.overlay.schema.json", Schema> {
  const base = z.toJSONSchema(manifest, { target: "draft-7", io: "input", unrepresentable: "any" }) as Schema;
  const { $schema, ...rest } = described(referable(base));
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
  const inner = {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map(referable) }),
    ...(properties && { properties: mapped(properties, referable) }),
    ...(additionalProperties && { additionalProperties: referable(additionalProperties) }),
  };
  const takes = schema.type === "integer" || schema.type === "boolean" || Array.isArray(schema["enum"]);
  return takes ? { anyOf: [inner, REFERENCE] } : inner;
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

/** The comments of the TypeScript sources, by which editors tell what a field is. */
function described(schema: Schema): Schema {
  const top = commentsOf("src/manifest/schema.ts", () => true);
  const room = {
    ...commentsOf("src/contract/inputs.ts", (name) => /^Room(Fields|ResourceInput)$/.test(name)),
    ...top,
  };
  const recording = {
    ...commentsOf("src/contract/inputs.ts", (name) => /^Recording(Fields|Input|ManifestInput)$/.test(name)),
    ...top,
  };
  const walk = (part: Schema, comments: Record<string, string>): Schema => ({
    ...part,
    ...(part.anyOf && { anyOf: part.anyOf.map((one) => walk(one, comments)) }),
    ...(part.additionalProperties && { additionalProperties: walk(part.additionalProperties, comments) }),
    ...(part.properties && {
      properties: mapped(part.properties, (inner, name) => {
        const under = name === "rooms" ? room : name === "recordings" ? recording : comments;
        const description = comments[name];
        return { ...(description === undefined ? {} : { description }), ...walk(inner, under) };
      }),
    }),
  });
  return walk(schema, top);
}

/** What is said of each property of a file, in the interfaces that are asked for and in object literals. */
export function commentsOf(file: string, wanted: (interfaceName: string) => boolean): Record<string, string> {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Record<string, string> = {};
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) && !wanted(node.name.text)) return;
    if (
      ts.isPropertySignature(node) ||
      ts.isPropertyAssignment(node) ||
      ts.isShorthandPropertyAssignment(node)
    ) {
      const comment = ts
        .getJSDocCommentsAndTags(node)
        .map((doc) => ts.getTextOfJSDocComment(doc.comment))
        .join(" ");
      if (comment !== "")
        found[node.name.getText(source)] = comment.replaceAll(/\s+/g, " ").replaceAll("`", "");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function mapped(properties: Record<string, Schema>, change: (schema: Schema, name: string) => Schema) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, change(schema, name)]));
}
