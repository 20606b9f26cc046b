import { buildPackage } from "./lib/build.mts";

process.exitCode = (await buildPackage()) ? 0 : 1;
