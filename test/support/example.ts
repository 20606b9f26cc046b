import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { repo } from "./clone.ts";
import { type LivekitOptions, type LivekitServer, startLivekit } from "./livekit.ts";
import { blocksOf, forServer } from "./markdown.ts";
import { packed } from "./packed.ts";
import { Person } from "./person.ts";

/** An example, copied to a folder that has nothing to do with this repository, beside the packed package. */
export class Example {
  readonly person = new Person();
  readonly folder: string;
  readonly server: LivekitServer;

  private constructor(name: string, server: LivekitServer) {
    this.server = server;
    this.folder = join(this.person.home, name);
    cpSync(join(repo, "examples", name), this.folder, {
      recursive: true,
      filter: (file) => !file.includes("node_modules"),
    });
  }

  static async copy(name: string, options?: LivekitOptions): Promise<Example> {
    const [server, tarball] = await Promise.all([startLivekit(options), packed()]);
    const example = new Example(name, server);
    copyFileSync(tarball, join(example.person.home, "pulumi-rtc-0.1.0.tgz"));
    return example;
  }

  /** The commands of the example's own README, for the server of this test. */
  get commands(): string[] {
    const blocks = blocksOf(join(this.folder, "README.md"), "README.md");
    return blocks.map(({ text }) => forServer(text, this.server));
  }

  run(commands: string): Promise<string> {
    return this.person.types(commands, this.folder, { typed: this.server.apiSecret });
  }
}
