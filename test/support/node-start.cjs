require("node:v8").setFlagsFromString("--allow-natives-syntax");
// Pulumi's SDK maps a stack for each promise of a resource to its sources: two frames still show that there is one.
Error.stackTraceLimit = 2;
