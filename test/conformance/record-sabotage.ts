import type { RtcConfig } from "../../src/client/config.ts";
import type { AccessToken, TokenSpec } from "../../src/contract/index.ts";
import { token04 } from "../../src/vendors/zego/token.ts";
import type { Lifecycle } from "./engine-process.ts";

/** A rule that Agora takes, but not one that takes participants out just once. */
export async function rule(config: RtcConfig, body: object): Promise<void> {
  const { agoraAppId: appid, agoraCustomerId, agoraCustomerSecret, agoraBaseUrl } = config;
  const credentials = Buffer.from(`${agoraCustomerId}:${agoraCustomerSecret}`).toString("base64");
  const answer = await fetch(`${agoraBaseUrl}/dev/v1/kicking-rule`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}`, "content-type": "application/json" },
    body: JSON.stringify({ appid, privileges: ["join_channel"], ...body }),
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
}

/** A lifecycle with some calls replaced. The rest is delegated, since its fields are private. */
export function changed(good: Lifecycle, change: Partial<Lifecycle>): Lifecycle {
  return {
    check: (olds, news) => good.check(olds, news),
    diff: (id, olds, news) => good.diff(id, olds, news),
    create: (inputs) => good.create(inputs),
    read: (id, props) => good.read(id, props),
    update: (id, olds, news) => good.update(id, olds, news),
    delete: (id, props) => good.delete(id, props),
    ...change,
  };
}

/** A token04 for whoever is named, whatever the room. */
export function forEveryRoom(
  { zegoAppId = 0, zegoServerSecret = "" }: RtcConfig,
  spec: TokenSpec,
): AccessToken {
  const now = Math.floor(Date.now() / 1_000);
  const expire = now + spec.ttlSeconds;
  const content = { app_id: zegoAppId, user_id: spec.identity, nonce: 1, ctime: now, expire, payload: "" };
  return {
    token: token04(content, zegoServerSecret, "cbc"),
    room: `zego:${spec.name}`,
    identity: spec.identity,
    expiresAt: new Date(expire * 1_000).toISOString(),
  };
}
