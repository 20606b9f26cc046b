import { runtime } from "@pulumi/pulumi";
import { readConfig } from "../client/config";
import { clientOf } from "../client/create";
import type { RtcClient } from "../client/types";

let client: RtcClient | undefined;

/** The client of a Pulumi program: the stack's `rtc:` config first, then the environment. Created once. */
export function programClient(): RtcClient {
  // getConfig and not Config.get: that one warns of secret keys, which are wanted as plain text here.
  client ??= clientOf(readConfig({}, (key) => runtime.getConfig(`rtc:${key}`)));
  return client;
}
