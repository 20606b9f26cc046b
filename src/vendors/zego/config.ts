import { z } from "zod";
import {
  type ConfigOf,
  type ConfigShape,
  credential,
  describing,
  httpAddress,
  setting,
} from "../../contract";

const appId = z.int({ error: "must be a whole number" }).positive({ error: "must be positive" });

/** What configures ZEGO. */
export const zegoConfig = {
  zegoAppId: setting(appId, { environment: "ZEGO_APP_ID", description: "the app id, a number" }),
  zegoServerSecret: setting(credential, {
    environment: "ZEGO_SERVER_SECRET",
    description: "the app's ServerSecret, 32 characters",
    isSecret: true,
  }),
  zegoTokenFormat: setting(z.enum(["cbc", "gcm"], { error: "must be cbc or gcm" }), {
    environment: "ZEGO_TOKEN_FORMAT",
    description: "how tokens are encrypted: `cbc` (default) or `gcm`",
  }),
  zegoBaseUrl: setting(httpAddress, {
    environment: "ZEGO_BASE_URL",
    description: "another address for ZEGO's server API. Default: `https://rtc-api.zego.im`, or the region's",
  }),
} satisfies ConfigShape;

/** Values of ZEGO's keys. */
export type ZegoConfig = ConfigOf<typeof zegoConfig>;

/** How messages name one of ZEGO's keys. */
export const describeKey = describing(zegoConfig);
