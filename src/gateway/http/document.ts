import { z } from "zod";
import {
  CAPABILITIES,
  ERROR_CODES,
  type ErrorCode,
  fileRecord,
  kickInput,
  meaningOf,
  participantRecord,
  recordingRecord,
  roomSettings,
  wireName,
} from "../../contract";
import { problemRecord } from "./problem";
import type { GatewayRoute } from "./route";
import { ROUTES } from "./routes";
import { INPUTS, idempotencyFields, NOTHING, RECORDS, withWireNames } from "./schemas";

/* The OpenAPI document, from the schemas that check the requests. */

type Schema = z.core.JSONSchema.BaseSchema;

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
/** Those of the contract's codes, and of HTTP itself. */
const STATUSES = [...new Set<number>([...CODES.map((code) => meaningOf(code).status), 405, 415])].sort(
  (a, b) => a - b,
);

/** Those that say when to come again, where that helps. */
const WAITS = new Set([409, 429, 503]);
const RETRY_AFTER = {
  description: "In how many seconds the same request may succeed.",
  schema: { type: "integer" },
};

/** Minimal bodies: what `/docs` offers to send. */
const EXAMPLES: { [operation in GatewayRoute["operation"]]?: Record<string, unknown> } = {
  "rtc.room.create": { name: "standup" },
  "rtc.room.update": { metadata: { team: "core" } },
  "rtc.token.issue": { room: "standup", identity: "alice" },
  "rtc.recording.start": { room: "standup" },
  "rtc.recording.update": { layout: "speaker" },
  "rtc.participant.kick": { room: "standup", identity: "alice" },
};

/** What the last part of a path names. */
const PARAMETERS: Record<NonNullable<GatewayRoute["names"]>, z.ZodType> = {
  capability: z.enum(CAPABILITIES),
  room: z.string().min(1).meta({ description: kickInput.shape.room.description }),
  recording: z.string().min(1).meta({ description: recordingRecord.shape.recording.description }),
};

const IDEMPOTENCY_KEY = z
  .string()
  .optional()
  .meta({ description: idempotencyFields.idempotencyKey.description });

/** What is no part of the document, but of a query. */
const { PageInput: _page, RecordingListInput: _list, ...BODIES } = INPUTS;
/** The parts of the document that have a name of their own. */
const NAMED = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  ...{ Problem: problemRecord, ...BODIES, ...RECORDS },
  ...{ RoomSettings: roomSettings, Participant: participantRecord, RecordedFile: fileRecord },
}))
  NAMED.add(schema as z.ZodType, { id });

const HOW = { io: "input", unrepresentable: "any" } as const;

/** The routes of the contract as OpenAPI 3.1. */
export function openApi(version: string): object {
  const license = { name: "Apache-2.0", identifier: "Apache-2.0" };
  const {
    __shared: _,
    Problem,
    ...schemas
  } = z.toJSONSchema(NAMED, {
    ...{ ...HOW, uri: (name) => `#/components/schemas/${name}` },
  }).schemas;
  const paths: Record<string, object> = {};
  for (const route of ROUTES)
    paths[route.path] = { ...paths[route.path], [route.method]: describeRoute(route) };
  return {
    openapi: "3.1.0",
    info: { title: "The rtc gateway", version, description: ABOUT, license },
    servers: [{ url: "/", description: "This gateway" }],
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key of `rtc gateway keys create`." },
      },
      schemas: {
        Problem: simplify(Problem ?? {}, (field) => field),
        ...Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, simplify(schema)])),
      },
      parameters: {},
    },
    paths,
    webhooks: {},
  };
}

const ABOUT =
  "Rooms, join tokens, recordings and participants, at the vendors that this gateway serves. A room is asked for by its id (`vendor:name`) or by its name.";

function describeRoute({ operation, method, names, summary, input, isIdempotent, answers }: GatewayRoute) {
  const isBody = method === "post" && input !== NOTHING;
  const parameters = [
    ...(method === "post" ? [] : Object.entries(input.shape)).map(([name, field]) =>
      parameter("query", wireName(name), field as z.ZodType),
    ),
    ...(names === undefined ? [] : [parameter("path", names, PARAMETERS[names])]),
    ...(isIdempotent ? [parameter("header", "Idempotency-Key", IDEMPOTENCY_KEY)] : []),
  ];
  const [answer = {}, ...others] = answers.map((name) => reference(name));
  const problem = { "application/problem+json": { schema: reference("Problem") } };
  const json = { schema: reference(NAMED.get(input)?.id ?? ""), example: EXAMPLES[operation] };
  const errors = STATUSES.map((status) => {
    const headers = WAITS.has(status) && { headers: { "Retry-After": RETRY_AFTER } };
    return [status, { description: describeStatus(status), content: problem, ...headers }];
  });
  return {
    ...{ operationId: operation, summary, tags: [operation.split(".")[1] ?? operation] },
    security: [{ key: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(isBody && { requestBody: { required: true, content: { "application/json": json } } }),
    responses: {
      200: {
        description: "Done.",
        content: {
          "application/json": { schema: others.length > 0 ? { anyOf: [answer, ...others] } : answer },
        },
      },
      ...Object.fromEntries(errors),
    },
  };
}

/** The codes that a status stands for. */
function describeStatus(status: number): string {
  const codes = CODES.filter((code) => meaningOf(code).status === status);
  if (codes.length > 0) return `${codes.join(", ")}.`;
  return status === 405 ? "The address takes another method." : "The body has another type than JSON.";
}

/** A parameter, whose description stands beside its schema too. */
function parameter(place: "query" | "path" | "header", name: string, field: z.ZodType) {
  const schema = simplify(z.toJSONSchema(field, HOW));
  const { description } = schema;
  return {
    schema,
    required: !field.safeParse(undefined).success,
    ...(description && { description }),
    name,
    in: place,
  };
}

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema of zod's with other names of fields, without what a reader need not know of how zod checks. */
function simplify(schema: Schema, nameOf: (field: string) => string = wireName): Schema {
  const { $schema: _s, $id: _i, $defs: _d, pattern, minimum, maximum, anyOf, const: only, ...rest } = schema;
  const { properties, required, items, description } = schema;
  const [first, last] = anyOf?.length === 2 ? anyOf : [];
  const nullable = last?.type === "null" && typeof first?.type === "string" ? first.type : undefined;
  const type = nullable === undefined ? schema.type : [nullable, "null" as const];
  const fields = Object.entries((properties ?? {}) as Record<string, Schema>).map(([field, inner]) => {
    const simple = simplify(inner, nameOf);
    // A schema cannot express all that is rejected of it.
    const object = { type: simple.type, additionalProperties: true, description: simple.description };
    return [nameOf(field), field === "metadata" ? object : simple];
  });
  return {
    ...(first && nullable
      ? { ...simplify(first, nameOf), type }
      : anyOf && { anyOf: anyOf.map((one) => simplify(one)) }),
    ...rest,
    ...(description && { description: withWireNames(description) }),
    ...(pattern && schema.format !== "date-time" && { pattern }),
    ...(minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
    ...(only !== undefined && { enum: [only] }),
    ...(properties && { properties: Object.fromEntries(fields) }),
    ...(required && { required: required.map(nameOf) }),
    ...(items && { items: simplify(items as Schema, nameOf) }),
  };
}
