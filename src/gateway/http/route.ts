import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RtcClient } from "../../client/types";
import { type Capability, fromWire, type Issue, invalid, parse } from "../../contract";
import type { Principal } from "../services/keys";
import type { RecordingStore, RoomStore } from "../store/store";
import type { Asked, GatewayEnv } from "./context";
import { bodyOf, idempotencyKeyOf, lastPart, queryOf, withoutOwner } from "./request";
import { issuesIn, NOTHING, pointer, type RECORDS } from "./schemas";

/** What a route works with. */
export interface Call<In> extends Asked<In> {
  client: RtcClient;
  names: RoomStore;
  recordings: RecordingStore;
  principal: Principal;
  /** What all attempts at the same request share; undefined where there can be only one. */
  request: string | undefined;
  /** Since when an earlier attempt at the same request may have created something. */
  resumedFrom: Date | undefined;
}

/** How a route is asked for and documented. */
export interface RouteTerms<In extends z.ZodObject = z.ZodObject> {
  /** A capability, or `discovery`. */
  operation: Capability | "discovery";
  method: "get" | "post" | "delete";
  /** The last part may be a parameter: `/v1/rtc/room/get/{room}`. */
  path: string;
  summary: string;
  /** The body of a POST, else the query. */
  input: In;
  /** Takes an idempotency key. */
  isIdempotent?: boolean;
  /** Takes the ownership tag of a declared room within its metadata. */
  owned?: boolean;
  /** What it answers: one of these. */
  answers: readonly (keyof typeof RECORDS)[];
}

/** A route as the gateway serves it. */
export interface GatewayRoute extends RouteTerms {
  /** Reads a request. @throws INVALID_ARGUMENT with all its problems */
  read(c: Context<GatewayEnv>): Promise<Asked>;
  /** Runs a request. */
  run(call: Call<unknown>): Promise<unknown>;
}

/** A route from its terms and what it does. */
export function route<In extends z.ZodObject>(
  terms: RouteTerms<In>,
  run: (call: Call<z.output<In>>) => Promise<unknown>,
): GatewayRoute {
  const { input: schema, method, path } = terms;
  const parameter = /\{(\w+)\}$/.exec(path)?.[1];
  return {
    ...terms,
    async read(c) {
      const id = parameter === undefined ? "" : lastPart(c.req.path);
      const query = queryOf(c, method === "post" ? NOTHING : schema);
      const sent =
        method === "post" ? ((await bodyOf(c)) ?? (schema === NOTHING ? {} : undefined)) : undefined;
      const { body, owner } = terms.owned ? withoutOwner(sent) : { body: sent };
      const issues: Issue[] = [
        ...(id === undefined
          ? [{ path: pointer([parameter ?? ""]), message: "is not encoded as UTF-8" }]
          : []),
        ...issuesIn(method === "post" ? NOTHING : schema, query),
        ...(method === "post" ? issuesIn(schema, body) : []),
      ];
      if (issues.length > 0) throw invalid("the request", issues);
      const key = terms.isIdempotent ? idempotencyKeyOf(c, body) : undefined;
      return {
        ...{ id: id ?? "", input: fromWire(method === "post" ? body : query), body: sent },
        ...(owner !== undefined && { owner }),
        ...(key !== undefined && { idempotencyKey: key }),
      };
    },
    run: (call) => run({ ...call, input: parse(schema, call.input, "the request") }),
  };
}
