import {
  type ConfigOf,
  type ConfigShape,
  credential,
  describing,
  httpAddress,
  setting,
} from "../../contract";

/** What configures Agora. */
export const agoraConfig = {
  agoraAppId: setting(credential, {
    environment: "AGORA_APP_ID",
    description: "the app id, 32 hexadecimal digits",
  }),
  agoraAppCertificate: setting(credential, {
    environment: "AGORA_APP_CERTIFICATE",
    description: "with the app id it signs tokens",
    isSecret: true,
  }),
  agoraCustomerId: setting(credential, {
    environment: "AGORA_CUSTOMER_ID",
    description: "with its secret: for all that reads or closes rooms or removes participants",
    isSecret: true,
  }),
  agoraCustomerSecret: setting(credential, {
    environment: "AGORA_CUSTOMER_SECRET",
    description: "the secret of the customer id",
    isSecret: true,
  }),
  agoraBaseUrl: setting(httpAddress, {
    environment: "AGORA_BASE_URL",
    description:
      "another address for Agora's REST API, e.g. `https://api.sd-rtn.com`. Default: `https://api.agora.io`, or the region's",
  }),
} satisfies ConfigShape;

/** Values of Agora's keys. */
export type AgoraConfig = ConfigOf<typeof agoraConfig>;

/** How messages name one of Agora's keys. */
export const describeKey = describing(agoraConfig);
