#!/usr/bin/env bash
# Pulumi CLI 3.276.0 and its Node.js language host 3.60.0 (Go modules), @pulumi/pulumi 3.276.0 (npm), Node.js 24.21.0.
#
# Guess, written down first: `up --refresh` reads every resource of the state before it changes one, with --run-program
# as without it; so what others have deleted or claimed meanwhile leaves the state, and is not deleted.
# Behaviour seen: with --run-program it reads only what the program still declares. A resource that has left the program is
# deleted by its last known state, without a read. `refresh --run-program` reads both, and so does `up --refresh` alone,
# which uses the configuration that the last run stored. Who needs the current configuration and a look before each delete
# runs `refresh --run-program` and then `up`.
# Output seen:
#   up --refresh: read dropped, read kept, delete dropped
#   up --refresh --run-program: read kept, delete dropped
#   refresh --run-program: read dropped, read kept
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
mkdir bin cli host
(cd cli && go mod init look && go get -tool github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@v3.276.0 &&
  go build -o ../bin/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi) >/dev/null 2>&1
language=github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs
(cd host && go mod init look && go get -tool "$language@v3.60.0" &&
  go build -o ../bin/pulumi-language-nodejs "$language") >/dev/null 2>&1
# As in the official distribution: the dynamic provider is the SDK's.
cat >bin/pulumi-resource-pulumi-nodejs <<'END'
#!/bin/sh
exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")')" "$@"
END
chmod +x bin/pulumi-resource-pulumi-nodejs

npm init --yes >/dev/null
npm pkg set main=index.js
npm install --silent --no-audit --no-fund @pulumi/pulumi@3.276.0 node@24.21.0
printf 'name: look\nruntime: { name: nodejs, options: { typescript: false } }\n' >Pulumi.yaml
cat >index.js <<'END'
const pulumi = require("@pulumi/pulumi");
const provider = {
  create: async ({ name }) => ({ id: name, outs: { name } }),
  read: async (id, props) => {
    require("node:fs").appendFileSync(process.env.NOTES, `read ${id}\n`);
    return { id, props };
  },
  delete: async (id) => require("node:fs").appendFileSync(process.env.NOTES, `delete ${id}\n`),
};
class Thing extends pulumi.dynamic.Resource {
  constructor(name) {
    super(provider, name, { name });
  }
}
for (const name of process.env.DECLARED.split(" ")) new Thing(name);
END
export PATH="$folder/bin:$folder/node_modules/.bin:$PATH" PULUMI_HOME="$folder/home" NOTES="$folder/notes"
export PULUMI_BACKEND_URL="file://$folder" PULUMI_CONFIG_PASSPHRASE=look PULUMI_SKIP_UPDATE_CHECK=true

# Creates two resources, takes one out of the program, and prints what a command does with both.
look() {
  pulumi stack init --stack "$1" >/dev/null 2>&1
  DECLARED="kept dropped" pulumi up --yes --skip-preview --non-interactive >/dev/null 2>&1
  : >"$NOTES"
  DECLARED=kept pulumi "${@:2}" --yes --skip-preview --non-interactive >/dev/null 2>&1
  echo "${*:2}: $(sort --reverse --key=1,1 --stable <(sort "$NOTES") | paste --serial --delimiters=, | sed 's/,/, /g')"
}
seen="$(
  look one up --refresh
  look two up --refresh --run-program
  look three refresh --run-program
)"
echo "$seen"
[ "$seen" = "up --refresh: read dropped, read kept, delete dropped
up --refresh --run-program: read kept, delete dropped
refresh --run-program: read dropped, read kept" ]
