#!/usr/bin/env bash
# @pulumi/pulumi 3.270.0 (npm) with Node.js 24.21.0's compile cache (NODE_COMPILE_CACHE).
#
# Guess, written down first: an `up` starts two processes that load the same SDK, the program's and the dynamic provider's;
# with one cache folder the second one finds compiled what the first one has loaded.
# Behaviour seen: it finds none of it. The program's process loads the SDK's hooks first, which set a flag of V8
# (--allow-natives-syntax); the provider's process does not, and V8 rejects code that was compiled under other flags. The
# provider is ended by a signal and so never writes its own either: each start compiles the whole SDK again.
# With that flag set in both from the start, a warm `up --refresh` took about a quarter less processor time.
# Output seen:
#   program, again: all accepted
#   provider: all rejected
#   provider, again: all rejected
#   provider with the flag: all accepted
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @pulumi/pulumi@3.270.0 typescript@5.9.3 node@24.21.0
node=node_modules/.bin/node
export NODE_COMPILE_CACHE="$folder/cache" NODE_DEBUG_NATIVE=COMPILE_CACHE
echo 'require("node:v8").setFlagsFromString("--allow-natives-syntax");' >flag.cjs

# Begins as the SDK's own cmd/run does, without an engine to talk to.
program() { "$node" -e 'require("@pulumi/pulumi/runtime/closure/v8Hooks"); require("@pulumi/pulumi/runtime")' 2>log; }
# Serves until it is stopped; the port of the engine is never called.
provider() {
  "$node" "$@" node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js 127.0.0.1:9 >port 2>log &
  for _ in $(seq 300); do [ -s port ] && break || sleep 0.1; done
  kill "$!"
  wait "$!" || true
}
# Whether V8 took what was compiled before.
verdict() {
  local accepted rejected
  accepted=$(grep -c "was accepted" log || true)
  rejected=$(grep -c "was rejected" log || true)
  if [ "$rejected" = 0 ] && [ "$accepted" -gt 500 ]; then echo "all accepted"
  elif [ "$accepted" = 0 ] && [ "$rejected" -gt 500 ]; then echo "all rejected"
  else echo "$accepted accepted, $rejected rejected"; fi
}
program
seen="$(
  program && echo "program, again: $(verdict)"
  provider && echo "provider: $(verdict)"
  provider && echo "provider, again: $(verdict)"
  provider --require ./flag.cjs && echo "provider with the flag: $(verdict)"
)"
echo "$seen"
[ "$seen" = "program, again: all accepted
provider: all rejected
provider, again: all rejected
provider with the flag: all accepted" ]
