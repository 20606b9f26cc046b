#!/usr/bin/env bash
# livekit-server-sdk 2.19.2 (npm), EgressClient.listEgress, with the protocol of @livekit/protocol 1.51.0.
#
# Guess, written down first: the protocol has pages (page_token in, next_page_token out), so that listEgress follows them,
# or returns the token of the next page, or takes one.
# Behaviour seen: none of these. It returns the items of the first answer and drops the token, so that a caller cannot see
# that there are more; its options have no token, though an undeclared pageToken is passed on. A program that looks for a
# running recording in such a list, to stop it or to start none twice, misses it. (Servers of LiveKit 1.9 and 1.13 answer
# with all at once; the stub here answers as the protocol allows.)
# Output seen:
#   items returned: EG_1
#   the answer named a next page: yes
#   requests: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund livekit-server-sdk@2.19.2 @livekit/protocol@1.51.0
cat >look.mjs <<'JS'
import { once } from "node:events";
import { createServer } from "node:http";
import { ListEgressResponse } from "@livekit/protocol";
import { EgressClient } from "livekit-server-sdk";

let requests = 0;
const page = { items: [{ egress_id: "EG_1" }], next_page_token: { token: "second" } };
const server = createServer((request, response) => {
  request.resume();
  requests += 1;
  response.setHeader("content-type", "application/json").end(JSON.stringify(page));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const client = new EgressClient(`http://127.0.0.1:${server.address().port}`, "key", "a-secret-of-nothing-real");
const items = await client.listEgress({ active: true });
const { nextPageToken } = ListEgressResponse.fromJson(page, { ignoreUnknownFields: true });
console.log(`items returned: ${items.map(({ egressId }) => egressId).join(", ")}`);
console.log(`the answer named a next page: ${nextPageToken?.token === "second" ? "yes" : "no"}`);
console.log(`requests: ${requests}`);
server.close();
JS
seen=$(node look.mjs)
echo "$seen"
[ "$seen" = 'items returned: EG_1
the answer named a next page: yes
requests: 1' ]
