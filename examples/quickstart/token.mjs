// Issues a join token after `pulumi up`, so that no token is ever stored: node token.mjs standup alice
import { execFileSync } from "node:child_process";
import { createClient } from "pulumi-rtc";

const [name, identity] = process.argv.slice(2);
const pulumi = (...args) => JSON.parse(execFileSync("pulumi", [...args, "--json"], { encoding: "utf8" }));

const config = pulumi("config", "--show-secrets");
const client = createClient({
  livekitUrl: config["rtc:livekitUrl"].value,
  livekitApiKey: config["rtc:livekitApiKey"].value,
  livekitApiSecret: config["rtc:livekitApiSecret"].value,
});

// The declared settings go into the token: with them a join opens a room again that has closed.
const rooms = pulumi("stack", "output", "rooms");
const room = rooms[name];
if (!room || !identity) {
  console.error("usage: node token.mjs <room> <identity>");
  console.error(`The rooms of the stack are ${Object.keys(rooms).join(", ")}.`);
  process.exit(2);
}
const access = await client.token.issue({ room, identity, ttlSeconds: 3600 });
console.log(JSON.stringify(access, null, 2));
