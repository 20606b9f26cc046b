#!/usr/bin/env bash
# agora-token 2.0.6 (npm), RtcTokenBuilder.buildTokenWithUid.
#
# Guess, written down first: an app id that is not 32 hexadecimal digits raises an error, since no token can be signed for it.
# Behaviour seen: no error. The answer is the empty string, for an app id of another length and for a certificate of another
# length alike; a program that does not look passes it on, and the client's join fails later, elsewhere.
# Output seen:
#   app id of 31 digits: ""
#   certificate of 31 digits: ""
#   both of 32 digits: a token of version 007
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund agora-token@2.0.6
cat >look.cjs <<'JS'
const { RtcRole, RtcTokenBuilder } = require("agora-token");
const id = "0123456789abcdef0123456789abcdef";
const tokenOf = (appId, certificate) =>
  RtcTokenBuilder.buildTokenWithUid(appId, certificate, "hall", 7, RtcRole.PUBLISHER, 600, 600);
console.log(`app id of 31 digits: ${JSON.stringify(tokenOf(id.slice(1), id))}`);
console.log(`certificate of 31 digits: ${JSON.stringify(tokenOf(id, id.slice(1)))}`);
console.log(`both of 32 digits: a token of version ${tokenOf(id, id).slice(0, 3)}`);
JS
seen=$(node look.cjs)
echo "$seen"
[ "$seen" = 'app id of 31 digits: ""
certificate of 31 digits: ""
both of 32 digits: a token of version 007' ]
