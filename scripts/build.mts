import { buildPackage } from "./lib/build.mts";

process.exitCode = (await buildPackage({ clean: process.argv.includes("--clean") })) ? 0 : 1;
