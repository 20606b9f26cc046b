#!/usr/bin/env bash
# livekit-server 1.13.5 (Go module) with Redis (miniredis 2.40.0); livekit-server-sdk 2.19.2 and @livekit/rtc-node 1.1.0 (npm).
#
# Guess, written down first: a participant of a server that was killed disappears from the list when the server is back, or
# after the room's departure timeout (20 s here), and the room closes then.
# Behaviour seen: neither. With the same Redis the list goes on to have the participant, ListRooms counts 1, RemoveParticipant
# is 503, and the room does not close by its timeout. A call that changes no subscription shows who is served: 200 before
# the kill, 503 after it. Only a CreateRoom, which moves the room to the new server, empties the list, some seconds later.
# Whoever deletes only empty rooms has to look for such participants.
# Output seen:
#   before: listed alice, counted 1, answered for: yes
#   25 s after the kill: listed alice, counted 1, answered for: no (503)
#   RemoveParticipant: 503
#   after CreateRoom: listed nobody
set -euo pipefail
folder=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
cat >redis.go <<'GO'
package main

import (
	"fmt"

	"github.com/alicebob/miniredis/v2"
)

func main() {
	server, err := miniredis.Run()
	if err != nil {
		panic(err)
	}
	fmt.Println(server.Addr())
	select {}
}
GO
go mod init look >/dev/null 2>&1
go get -tool github.com/livekit/livekit-server/cmd/server@v1.13.5 >/dev/null 2>&1
go get github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
go build -o redis redis.go
CGO_ENABLED=0 go build -trimpath -o livekit github.com/livekit/livekit-server/cmd/server
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund livekit-server-sdk@2.19.2 @livekit/rtc-node@1.1.0
free() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
./redis >address & pids+=($!)
until [ -s address ]; do sleep 0.1; done
port=$(free)
cat >config.yaml <<YAML
port: $port
bind_addresses: [127.0.0.1]
rtc:
  tcp_port: 0
  udp_port: $(free)
  node_ip: 127.0.0.1
  ips: { includes: [127.0.0.1/32] }
  enable_loopback_candidate: true
redis: { address: "$(cat address)" }
keys: { key: a-secret-of-a-test-that-signs-nothing-real }
YAML
serve() {
  ./livekit --config config.yaml >>log 2>&1 & server=$!; pids+=("$server")
  until curl --silent --output /dev/null "http://127.0.0.1:$port"; do sleep 0.1; done
}
cat >join.mjs <<'JS'
import { AccessToken } from "livekit-server-sdk";
import { Room } from "@livekit/rtc-node";

const token = new AccessToken("key", "a-secret-of-a-test-that-signs-nothing-real", { identity: "alice" });
token.addGrant({ roomJoin: true, room: "hall" });
await new Room().connect(process.argv[2].replace("http", "ws"), await token.toJwt(), { autoSubscribe: false });
setInterval(() => {}, 1_000);
JS
cat >look.mjs <<'JS'
import { RoomServiceClient } from "livekit-server-sdk";

const [, , url, what] = process.argv;
const rooms = new RoomServiceClient(url, "key", "a-secret-of-a-test-that-signs-nothing-real");
const status = (promise) => promise.then(() => 200, (error) => error.status);
const listed = async () => (await rooms.listParticipants("hall")).map(({ identity }) => identity).join() || "nobody";
const until = async (isTrue) => {
  for (let tries = 0; tries < 300 && !(await isTrue()); tries++) await new Promise((done) => setTimeout(done, 100));
};
if (what === "create") await rooms.createRoom({ name: "hall", emptyTimeout: 20, departureTimeout: 20 });
else if (what === "after CreateRoom") {
  await rooms.createRoom({ name: "hall", emptyTimeout: 20, departureTimeout: 20 });
  await until(async () => (await listed()) === "nobody");
  console.log(`${what}: listed ${await listed()}`);
} else if (what === "remove") {
  console.log(`RemoveParticipant: ${await status(rooms.removeParticipant("hall", "alice"))}`);
} else {
  // A count lags by some seconds.
  const count = async () => (await rooms.listRooms(["hall"]))[0]?.numParticipants ?? 0;
  if (what === "before") await until(async () => (await count()) === 1);
  const served = await status(rooms.updateSubscriptions("hall", "alice", [], false));
  const answer = served === 200 ? "yes" : `no (${served})`;
  console.log(`${what}: listed ${await listed()}, counted ${await count()}, answered for: ${answer}`);
}
JS
look() { node look.mjs "http://127.0.0.1:$port" "$1"; }
serve
look create
node join.mjs "http://127.0.0.1:$port" >/dev/null 2>&1 & person=$!; pids+=("$person")
seen=$(look before)
kill -9 "$server" "$person"
serve
sleep 25
seen+=$'\n'$(look "25 s after the kill")
seen+=$'\n'$(look remove)
seen+=$'\n'$(look "after CreateRoom")
echo "$seen"
[ "$seen" = 'before: listed alice, counted 1, answered for: yes
25 s after the kill: listed alice, counted 1, answered for: no (503)
RemoveParticipant: 503
after CreateRoom: listed nobody' ]
