import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { Example } from "./example.ts";
import { Github } from "./github.ts";
import { type LivekitServer, startLivekit } from "./livekit.ts";
import { type JobRun, readWorkflow, runWorkflow } from "./workflow.ts";

/** A copy of examples/gitops as a repository, with a server for each of its environments and the service that runs its workflow. */
export class Environments {
  readonly example: Example;
  readonly github: Github;
  readonly staging: LivekitServer;
  readonly production: LivekitServer;
  /** What the branch that is checked out has in rtc.yaml beside what is committed as main. */
  branch = "";

  private constructor(example: Example, github: Github, staging: LivekitServer) {
    this.example = example;
    this.github = github;
    this.staging = staging;
    this.production = example.server;
  }

  static async start(): Promise<Environments> {
    const example = Example.copy("gitops", { egress: "worker" });
    return new Environments(...(await Promise.all([example, Github.start(), startLivekit()])));
  }

  /** Commits all that is not ignored, and lists it. */
  commit(): string {
    this.#git("init", "--quiet", "--initial-branch", "main");
    this.#git("add", "--all");
    this.#git("commit", "--quiet", "--message", "as it is");
    return this.#git("ls-files");
  }

  /** Runs the jobs that an event starts; of `only` one, where it is given. */
  when(event: string, payload: object, only?: string, inputs = {}): Promise<JobRun[]> {
    const { person, folder } = this.example;
    const workflow = readWorkflow(join(folder, ".github/workflows/rtc.yml"));
    const jobs = Object.entries(workflow.jobs).filter(([name]) => only === undefined || name === only);
    const access = (server: LivekitServer) => ({
      vars: { PULUMI_BACKEND_URL: person.env["PULUMI_BACKEND_URL"], LIVEKIT_URL: server.url },
      secrets: {
        PULUMI_CONFIG_PASSPHRASE: person.env["PULUMI_CONFIG_PASSPHRASE"],
        LIVEKIT_API_KEY: server.apiKey,
        LIVEKIT_API_SECRET: server.apiSecret,
      },
    });
    const [staging, production] = [access(this.staging), access(this.production)];
    const { PULUMI_BACKEND_URL: _, PULUMI_CONFIG_PASSPHRASE: __, PULUMI_HOME: ___, ...env } = person.env;
    return runWorkflow(
      { ...workflow, jobs: Object.fromEntries(jobs) },
      {
        environments: {
          staging,
          "staging-preview": staging,
          review: staging,
          production,
          "production-preview": production,
        },
        inputs,
        github: {
          ...{ event_name: event, event: payload, repository: "acme/rtc", api_url: this.github.url },
          ...{ ref: "refs/heads/main", server_url: "https://github.example", run_id: 1 },
        },
        tokenFor: (permissions) => this.github.tokenFor(permissions),
        env,
        checkout: (job, ref) => {
          this.#git("clone", "--quiet", folder, job);
          if (ref !== "main") appendFileSync(join(job, "rtc.yaml"), this.branch);
        },
        instead: (run, job) => this.#installed(run, job),
      },
      person.home,
    );
  }

  /** The stacks that the backend has. */
  stacks(): string[] {
    const names = readdirSync(join(this.example.person.home, "backend/.pulumi/stacks/acme-rtc"));
    return names.flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []).sort();
  }

  /** The first job installs; the others get what it has installed, since that takes half a minute each time. */
  #installed(run: string, job: string): boolean {
    const shared = join(this.example.person.home, "installed/node_modules");
    if (run.startsWith("npm ci")) {
      if (!existsSync(shared)) return false;
      symlinkSync(shared, join(job, "node_modules"));
      return true;
    }
    if (!existsSync(shared)) {
      mkdirSync(dirname(shared));
      renameSync(join(job, "node_modules"), shared);
      symlinkSync(shared, join(job, "node_modules"));
    }
    return false;
  }

  /** Runs git in the repository, without the settings of a user. */
  #git(...args: string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
    const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    return execFileSync("git", [...who, ...args], { cwd: this.example.folder, env, encoding: "utf8" });
  }
}
