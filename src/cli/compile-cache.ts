import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/*
 * Keeps the compiled code of `rtc` in the user's own cache folder, and not in that of temporary files, where others could
 * put code. NODE_COMPILE_CACHE names another folder, and NODE_DISABLE_COMPILE_CACHE keeps none. A folder that cannot be
 * written is none either.
 */

try {
  const caches = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  enableCompileCache(join(caches, "pulumi-rtc/compiled"));
} catch {
  // A user without a home folder.
}
