import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { addAction, type CommonOptions } from "../command";
import { EXIT } from "../exit-codes";

/** `rtc schema`: the JSON Schema of a manifest, or of an overlay. */
export function schema(program: Command): void {
  const command = program
    .command("schema")
    .summary("print the JSON Schema of a manifest")
    .description("Prints the JSON Schema (draft-07) with which editors complete and validate a manifest.")
    .option("--overlay", "the schema of rtc.<stack>.yaml");
  type Options = CommonOptions & { overlay?: boolean };
  addAction<Options>(command, "rtc schema > rtc.schema.json", async ({ overlay }, io) => {
    const root = dirname(require.resolve("pulumi-rtc/package.json"));
    const file = join(root, "schema", overlay ? "rtc.overlay.schema.json" : "rtc.schema.json");
    const text = readFileSync(file, "utf8").trimEnd();
    io.result(JSON.parse(text), () => text);
    return EXIT.done;
  });
}
