// Hands out tokens for one class, which are stored nowhere: node tokens.mjs algebra teacher:ada bob carol
import { execFileSync } from "node:child_process";
import { createClient } from "pulumi-rtc";

const [name, ...participants] = process.argv.slice(2);
const pulumi = (...args) => JSON.parse(execFileSync("pulumi", [...args, "--json"], { encoding: "utf8" }));

const config = pulumi("config", "--show-secrets");
const client = createClient({
  livekitUrl: config["rtc:livekitUrl"].value,
  livekitApiKey: config["rtc:livekitApiKey"].value,
  livekitApiSecret: config["rtc:livekitApiSecret"].value,
});

// The room's settings, which the tokens carry: a room that has closed opens again as it was declared.
const room = pulumi("stack", "output", "rooms")[name];
if (!room || participants.length === 0)
  throw new Error("usage: node tokens.mjs <class> [teacher:]<person>...");

const tokens = {};
for (const person of participants) {
  const isAdmin = person.startsWith("teacher:");
  const identity = person.replace("teacher:", "");
  // Good for a lesson: pupils may speak, the teacher may also mute and remove them.
  const { token } = await client.token.issue({ room, identity, isAdmin, ttlSeconds: 3600 });
  tokens[identity] = token;
}
console.log(JSON.stringify(tokens, null, 2));
