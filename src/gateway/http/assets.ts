import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { GatewayApp } from "./context";

/** The folder of this package, whichever of its files this code is in. */
export const PACKAGE = dirname(require.resolve("pulumi-rtc/package.json"));

/** The files of the gateway's pages, which the build puts there. */
const FOLDER = join(PACKAGE, "dist/gateway");

const TYPES: Record<string, string> = { css: "text/css", js: "text/javascript" };

/**
 * Serves files of a page below its path, each read once: all answers share its memory. A browser asks each time whether
 * its copy is current, since another version of the gateway has other files under the same names.
 *
 * @param folder within the folder of all pages
 */
export function serveAssets(app: GatewayApp, path: string, folder: string, names: readonly string[]): void {
  const known = new Map<string, { body: Uint8Array<ArrayBuffer>; etag: string }>();
  for (const name of names)
    app.get(`${path}/${name}`, (c) => {
      const asset = known.get(name) ?? read(join(FOLDER, folder, name));
      known.set(name, asset);
      const { body, etag } = asset;
      const type = `${TYPES[name.slice(name.lastIndexOf(".") + 1)]}; charset=utf-8`;
      const headers = { "content-type": type, "cache-control": "no-cache", etag };
      return c.req.header("if-none-match") === etag ? c.body(null, 304, headers) : c.body(body, 200, headers);
    });
}

function read(file: string): { body: Uint8Array<ArrayBuffer>; etag: string } {
  const body = new Uint8Array(readFileSync(file));
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` };
}
