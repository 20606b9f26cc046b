import { z } from "zod";
import {
  type ConfigOf,
  type ConfigShape,
  credential,
  describing,
  filledText,
  flag,
  setting,
} from "../../contract";

const text = z.string({ error: "must be a string" });
const deployment = z.strictObject(
  { url: filledText, apiKey: credential, apiSecret: credential },
  { error: "must be an object of url, apiKey and apiSecret" },
);

/** What configures LiveKit. */
export const livekitConfig = {
  livekitUrl: setting(text, {
    environment: "LIVEKIT_URL",
    description:
      "the address of a LiveKit server: `wss://`, `https://`, or the same without TLS; with its path, where the server stands behind one",
  }),
  livekitApiKey: setting(credential, {
    environment: "LIVEKIT_API_KEY",
    description: "the key of that server, by its id",
    isSecret: true,
  }),
  livekitApiSecret: setting(credential, {
    environment: "LIVEKIT_API_SECRET",
    description: "the secret of that key",
    isSecret: true,
  }),
  livekitRegions: setting(
    z.record(z.string(), deployment, { error: "must be a JSON object of deployments by region" }),
    {
      environment: "RTC_LIVEKIT_REGIONS",
      description:
        'further servers, which rooms name as `region`: `{"eu":{"url":"wss://…","apiKey":"…","apiSecret":"…"}}`',
      isSecret: true,
    },
  ),
  livekitCustomTemplate: setting(flag, {
    environment: "RTC_LIVEKIT_CUSTOM_TEMPLATE",
    description:
      "`true` where the egress worker records with a custom recording template that follows a changed layout: it then changes in place. LiveKit's own template does not follow one, so that a changed layout replaces the recording",
  }),
} satisfies ConfigShape;

/** Values of LiveKit's keys. */
export type LivekitConfig = ConfigOf<typeof livekitConfig>;

/** How messages name one of LiveKit's keys. */
export const describeKey = describing(livekitConfig);
