import { OpenAPIHono, z } from "@hono/zod-openapi";
import {
  about,
  CAPABILITIES,
  ERROR_CODES,
  type ErrorCode,
  kickInput,
  meaningOf,
  recordingRecord,
} from "../../contract";
import { problemRecord } from "./problem";
import type { GatewayRoute } from "./route";
import { ROUTES } from "./routes";
import { idempotencyFields, NOTHING, RECORDS, wireObject, wireOf } from "./schemas";

/* The OpenAPI document, from the schemas that check the requests. */

const CODES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
/** Those of the contract's codes, and of HTTP itself. */
const STATUSES = [...new Set<number>([...CODES.map((code) => meaningOf(code).status), 405, 415])].sort(
  (a, b) => a - b,
);

/** Those that say when to come again, where that helps. */
const WAITS = new Set([409, 429, 503]);
const RETRY_AFTER = {
  description: "In how many seconds the same request may succeed.",
  schema: { type: "integer" },
} as const;

/** Minimal bodies: what `/docs` offers to send. */
const EXAMPLES: { [operation in GatewayRoute["operation"]]?: Record<string, unknown> } = {
  "rtc.room.create": { name: "standup" },
  "rtc.room.update": { metadata: { team: "core" } },
  "rtc.token.issue": { room: "standup", identity: "alice" },
  "rtc.recording.start": { room: "standup" },
  "rtc.recording.update": { layout: "speaker" },
  "rtc.participant.kick": { room: "standup", identity: "alice" },
};

/** The routes of the contract as OpenAPI 3.1. */
export function openApi(version: string): object {
  const app = new OpenAPIHono();
  const { openAPIRegistry: registry } = app;
  const rejected = { "application/problem+json": { schema: registry.register("Problem", problemRecord) } };
  registry.registerComponent("securitySchemes", "key", {
    type: "http",
    scheme: "bearer",
    description: "A key of `rtc gateway keys create`.",
  });
  for (const route of ROUTES) {
    const [answer, other] = route.answers.map((name) => wireObject(RECORDS[name]));
    registry.registerPath({
      ...{ method: route.method, path: route.path, operationId: route.operation, summary: route.summary },
      tags: [route.operation.split(".")[1] ?? route.operation],
      security: [{ key: [] }],
      request: requestOf(route),
      responses: {
        200: {
          description: "Done.",
          content: {
            "application/json": {
              schema: answer && other ? z.union([answer, other]) : (answer ?? z.never()),
            },
          },
        },
        ...Object.fromEntries(
          STATUSES.map((status) => [
            status,
            {
              description: describe(status),
              content: rejected,
              ...(WAITS.has(status) && { headers: { "Retry-After": RETRY_AFTER } }),
            },
          ]),
        ),
      },
    });
  }
  const license = { name: "Apache-2.0", identifier: "Apache-2.0" };
  const info = { title: "The rtc gateway", version, description: ABOUT, license };
  const servers = [{ url: "/", description: "This gateway" }];
  return app.getOpenAPI31Document({ openapi: "3.1.0", info, servers });
}

const ABOUT =
  "Rooms, join tokens, recordings and participants, at the vendors that this gateway serves. A room is asked for by its id (`vendor:name`) or by its name.";

/** The codes that a status stands for. */
function describe(status: number): string {
  const codes = CODES.filter((code) => meaningOf(code).status === status);
  if (codes.length > 0) return `${codes.join(", ")}.`;
  return status === 405 ? "The address takes another method." : "The body has another type than JSON.";
}

/** What the last part of a path names. */
const PARAMETERS: Record<string, z.ZodType> = {
  capability: z.enum(CAPABILITIES),
  room: asParameter(about(z.string().min(1), kickInput.shape.room.description ?? "")),
  recording: asParameter(about(z.string().min(1), recordingRecord.shape.recording.description ?? "")),
};
const idempotencyHeader = asParameter(
  about(z.string().optional(), idempotencyFields.idempotencyKey.description ?? ""),
);

/** A parameter, whose description stands beside its schema. */
function asParameter(field: z.ZodType): z.ZodType {
  const { description } = field;
  return description === undefined ? field : field.openapi({ param: { description } });
}

function asParameters(shape: z.core.$ZodShape): Record<string, z.ZodType> {
  const fields = Object.entries(shape) as [string, z.ZodType][];
  return Object.fromEntries(fields.map(([name, field]) => [name, asParameter(field)]));
}

function requestOf({ operation, path, method, input, isIdempotent }: GatewayRoute) {
  const parameter = /\{(\w+)\}$/.exec(path)?.[1];
  const isBody = method === "post";
  const schema = wireOf(input);
  const example = EXAMPLES[operation];
  return {
    ...(parameter !== undefined && {
      params: z.object({ [parameter]: PARAMETERS[parameter] ?? z.string() }),
    }),
    ...(!isBody && input !== NOTHING && { query: z.object(asParameters(schema.shape)) }),
    ...(isBody &&
      input !== NOTHING && {
        body: { required: true, content: { "application/json": { schema, example } } },
      }),
    ...(isIdempotent && { headers: z.object({ "Idempotency-Key": idempotencyHeader }) }),
  };
}
