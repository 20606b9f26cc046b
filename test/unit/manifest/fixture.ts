import { RtcError } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";

export const HEAD = "apiVersion: rtc/v1\nproject: acme\n";

/** The RtcError with which a manifest is rejected. */
export function rejectionOf(text: string): RtcError {
  try {
    parseManifest(text, "rtc.yaml");
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return error;
    throw error;
  }
  throw new Error("This manifest should have been rejected.");
}

/** The problems of a manifest, `line:column: message` each, without the lines that show the place. */
export function problemsOf(text: string): string[] {
  const { message } = rejectionOf(text);
  return message.split("\n").flatMap((line) => /^ {2}rtc\.yaml:(\d+:\d+: .*)$/.exec(line)?.[1] ?? []);
}
