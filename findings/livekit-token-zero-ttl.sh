#!/usr/bin/env bash
# livekit-server-sdk 2.19.2 (npm), AccessToken.
#
# Guess, written down first: `ttl: 0` makes a token that has expired already, or is rejected.
# Behaviour seen: neither. A ttl of 0 seconds counts as none, and the token is good for the default of six hours: a program
# that works out "the seconds until the meeting ends" grants six hours to whoever asks when it is over.
# Output seen:
#   ttl 1: good for 1 s
#   ttl 0: good for 21600 s
#   no ttl: good for 21600 s
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund livekit-server-sdk@2.19.2
cat >look.mjs <<'JS'
import { AccessToken } from "livekit-server-sdk";

for (const [name, ttl] of [["ttl 1", 1], ["ttl 0", 0], ["no ttl", undefined]]) {
  const token = new AccessToken("key", "a-secret-of-a-test-that-signs-nothing-real", { identity: "alice", ttl });
  token.addGrant({ roomJoin: true, room: "hall" });
  const [, claims] = (await token.toJwt()).split(".");
  const { exp, nbf } = JSON.parse(Buffer.from(claims, "base64url").toString());
  console.log(`${name}: good for ${exp - nbf} s`);
}
JS
seen=$(node look.mjs)
echo "$seen"
[ "$seen" = 'ttl 1: good for 1 s
ttl 0: good for 21600 s
no ttl: good for 21600 s' ]
