import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cloneRepo, killServerOf, repo } from "./clone.ts";
import { type LivekitServer, startLivekit } from "./livekit.ts";
import { forServer } from "./markdown.ts";
import { Person } from "./person.ts";

/** A reader of the documents: with a clone of this repository, a Pulumi project named acme beside it, and a server. */
export class Reader {
  server: LivekitServer;
  readonly person = new Person();
  readonly clone = cloneRepo(this.person.home);
  readonly project = join(this.person.home, "acme");

  private constructor(server: LivekitServer) {
    this.server = server;
    killServerOf(this.clone);
  }

  static async arrive(): Promise<Reader> {
    const reader = new Reader(await startLivekit({ egress: "worker" }));
    reader.#makeProject();
    await reader.inProject("pulumi stack init dev");
    return reader;
  }

  /** Runs commands in the Pulumi project; where one asks for the secret, `typed` is it. */
  inProject(commands: string, typed = this.server.apiSecret): Promise<string> {
    return this.person.types(forServer(commands, this.server), this.project, { typed });
  }

  inClone(commands: string): Promise<string> {
    return this.person.types(commands, this.clone);
  }

  /** As `pulumi new typescript` does, which downloads its template. */
  #makeProject(): void {
    const { devDependencies } = JSON.parse(
      readFileSync(join(repo, "examples/quickstart/package.json"), "utf8"),
    ) as { devDependencies: object };
    const dependencies = { "@pulumi/pulumi": "^3.216.0" };
    const manifest = { name: "acme", private: true, main: "index.ts", dependencies, devDependencies };
    mkdirSync(this.project);
    writeFileSync(join(this.project, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(this.project, "Pulumi.yaml"), "name: acme\nruntime: nodejs\n");
    cpSync(join(repo, "examples/quickstart/tsconfig.json"), join(this.project, "tsconfig.json"));
  }
}
