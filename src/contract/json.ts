/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** A JSON object, e.g. a room's metadata. */
export type JsonObject = { [key: string]: Json };
