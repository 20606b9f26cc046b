#!/usr/bin/env bash
# livekit-server 1.9.12 (Go module) with Redis (miniredis 2.40.0) and no egress worker; livekit-server-sdk 2.19.2 (npm).
#
# Guess, written down first: CreateRoom with an egress fails where no worker takes the recording, as StartEgress does.
# Behaviour seen: it answers after ten seconds with success, and the room exists without any egress: the server's internal
# call fails, is repeated, and finds the room that its first try has created. Only a client that gives up within ten seconds
# sees a failure (and leaves the room behind). Whoever creates rooms that must be recorded has to look with ListEgress.
# Output seen:
#   CreateRoom with egress: success after 10 s
#   rooms: hall
#   egresses: 0
#   StartEgress: failed (503)
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
go get -tool github.com/livekit/livekit-server/cmd/server@v1.9.12 >/dev/null 2>&1
go get github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
go build -o redis redis.go
go build -o livekit github.com/livekit/livekit-server/cmd/server
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund livekit-server-sdk@2.19.2
free() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }
./redis >address & pids+=($!)
until [ -s address ]; do sleep 0.1; done
port=$(free)
cat >config.yaml <<YAML
port: $port
bind_addresses: [127.0.0.1]
rtc: { tcp_port: $(free), udp_port: $(free) }
redis: { address: "$(cat address)" }
keys: { key: a-secret-of-a-test-that-signs-nothing-real }
YAML
./livekit --config config.yaml >log 2>&1 & pids+=($!)
until curl --silent --output /dev/null "http://127.0.0.1:$port"; do sleep 0.1; done
cat >look.mjs <<'JS'
import { EgressClient, EncodedFileOutput, RoomCompositeEgressRequest, RoomEgress, RoomServiceClient } from "livekit-server-sdk";

const at = [process.argv[2], "key", "a-secret-of-a-test-that-signs-nothing-real", { requestTimeout: 60 }];
const [rooms, egresses] = [new RoomServiceClient(...at), new EgressClient(...at)];
const output = new EncodedFileOutput({ filepath: "out/hall.mp4" });
const room = new RoomCompositeEgressRequest({ roomName: "hall", fileOutputs: [output] });
const ended = (promise) => promise.then(() => "success", (error) => `failed (${error.status})`);
const begin = Date.now();
const created = await ended(rooms.createRoom({ name: "hall", egress: new RoomEgress({ room }) }));
console.log(`CreateRoom with egress: ${created} after ${Math.floor((Date.now() - begin) / 1000)} s`);
console.log(`rooms: ${(await rooms.listRooms()).map(({ name }) => name)}`);
console.log(`egresses: ${(await egresses.listEgress()).length}`);
console.log(`StartEgress: ${await ended(egresses.startRoomCompositeEgress("hall", { file: output }))}`);
JS
seen=$(node look.mjs "http://127.0.0.1:$port")
echo "$seen"
[ "$seen" = 'CreateRoom with egress: success after 10 s
rooms: hall
egresses: 0
StartEgress: failed (503)' ]
