// Issues a token for every room of the stack, each in its vendor's own format: node tokens.mjs 1001
import { execFileSync } from "node:child_process";
import { createClient } from "pulumi-rtc";

const [identity] = process.argv.slice(2);
if (!identity) throw new Error("usage: node tokens.mjs <identity>");
const pulumi = (...args) => JSON.parse(execFileSync("pulumi", [...args, "--json"], { encoding: "utf8" }));

const config = pulumi("config", "--show-secrets");
const value = (key) => config[`rtc:${key}`]?.value;
const client = createClient({
  livekitUrl: value("livekitUrl"),
  livekitApiKey: value("livekitApiKey"),
  livekitApiSecret: value("livekitApiSecret"),
  agoraAppId: value("agoraAppId"),
  agoraAppCertificate: value("agoraAppCertificate"),
  zegoAppId: Number(value("zegoAppId")),
  zegoServerSecret: value("zegoServerSecret"),
});

const tokens = {};
for (const [name, room] of Object.entries(pulumi("stack", "output", "rooms")))
  tokens[name] = await client.token.issue({ room, identity, ttlSeconds: 3600 });
console.log(JSON.stringify(tokens, null, 2));
