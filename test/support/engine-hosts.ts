import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** How an answer goes wrong: cut in its middle, never ended, or never begun. */
export type Fault = "cut" | "endless" | "silent";

/** A stand-in for the hosts of official releases: a local server with archives of stand-ins for the engines. */
export interface EngineHosts {
  url: string;
  /** The paths that were asked for, in order: the host and the path there. */
  requests: string[];
  /** Bodies by path. */
  bodies: Map<string, Uint8Array | string>;
  /** The faults of paths that end so. */
  faults: Record<string, Fault>;
  /** Waits until nothing is under way. */
  quiet(): Promise<void>;
  stop(): void;
}

/** Serves the releases of these versions, made in `folder`. */
export async function startEngineHosts(
  folder: string,
  versions: { pulumi: string; livekit: string },
): Promise<EngineHosts> {
  const requests: string[] = [];
  const bodies = new Map<string, Uint8Array | string>();
  const faults: Record<string, Fault> = {};
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    open.add(response);
    response.on("close", () => open.delete(response));
    const body = bodies.get(path);
    const fault = Object.entries(faults).find(([end]) => path.endsWith(end))?.[1];
    if (body === undefined) response.writeHead(404).end();
    else if (fault === undefined) response.end(body);
    else if (fault === "cut") {
      response.writeHead(200, { "Content-Length": body.length });
      response.write(body.slice(0, body.length / 2), () => response.destroy());
    } else if (fault === "endless") {
      const timer = setInterval(() => response.write(Buffer.alloc(1000)), 10);
      response.on("close", () => clearInterval(timer));
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const archive = `livekit_${versions.livekit}_linux_${architecture}.tar.gz`;
  const place = `/github.com/livekit/livekit/releases/download/v${versions.livekit}`;
  const livekit = pack(folder, {
    LICENSE: "",
    "livekit-server": printing(`livekit-server version ${versions.livekit}`),
  });
  bodies.set(`${place}/${archive}`, livekit);
  const other = `${"0".repeat(64)}  livekit_${versions.livekit}_windows_amd64.zip\n`;
  const checksum = createHash("sha256").update(livekit).digest("hex");
  bodies.set(`${place}/checksums.txt`, `${other}${checksum}  ${archive}\n`);
  const pulumi = printing(`v${versions.pulumi}`);
  bodies.set("/pulumi.tar.gz", pack(folder, { pulumi, "pulumi-language-nodejs": printing("") }));
  bodies.set("/get.pulumi.com/install.sh", installScript(url));
  return {
    url,
    requests,
    bodies,
    faults,
    async quiet() {
      for (const response of open) await once(response, "close");
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A program that prints a line, whatever it is asked. */
export function printing(line: string): string {
  return `#!/bin/sh\necho '${line}'\n`;
}

/** Writes a program. */
export function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

/** An archive as goreleaser makes it: files without a folder. */
export function pack(parent: string, files: Record<string, string>): Uint8Array {
  const folder = mkdtempSync(join(parent, "archive-"));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeProgram(join(folder, name), text);
  return execFileSync("tar", ["-cz", "-C", folder, ...Object.keys(files)]);
}

/** A stand-in for Pulumi's script, which takes the same options from the installer and gets its archive with curl. */
function installScript(url: string): string {
  return `
    while [ $# -gt 0 ]; do
      case "$1" in --install-root) root=$2; shift ;; --version) shift ;; esac
      shift
    done
    set -e
    mkdir -p "$root/bin"
    archive=$(mktemp)
    curl --fail --silent --show-error -o "$archive" ${url}/pulumi.tar.gz
    tar -xzf "$archive" -C "$root/bin"
  `;
}

/** A stand-in for Go, whose builds are programs that print that. */
export const goStandin = `#!/bin/sh
[ "$1" = env ] && echo go1.26.0 && exit
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho built\\n' > "$2"
chmod +x "$2"
`;
