#!/usr/bin/env node
import "./node-version";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/*
 * Keeps the compiled code of `rtc` in the user's own cache folder, and not in that of temporary files, where others could
 * put code. NODE_COMPILE_CACHE names another folder, and NODE_DISABLE_COMPILE_CACHE keeps none. Where the folder cannot be
 * written, nothing is kept.
 */
const { XDG_CACHE_HOME, HOME, USERPROFILE } = process.env;
const home = HOME || USERPROFILE;
const caches = XDG_CACHE_HOME || (home && join(home, ".cache"));
if (caches) enableCompileCache(join(caches, "pulumi-rtc/compiled"));

// Not an import, which Node would load before all of this.
require("./program");
