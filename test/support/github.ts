import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { atEndOfFile } from "./cleanup.ts";

/** A comment of a pull request, or an issue. */
export interface Post {
  id: number;
  /** Of an issue, the same as its id here. */
  number: number;
  user: { login: string; type: "Bot" | "User" };
  body: string;
  title?: string;
  state?: "open" | "closed";
}

/** What of GitHub's REST API a workflow uses to comment and to open issues, for one repository. */
export class Github {
  url = "";
  /** By pull request. */
  readonly comments = new Map<string, Post[]>();
  readonly issues: Post[] = [];
  /** Calls that were rejected, as `POST issues: issues`. */
  readonly rejected: string[] = [];
  readonly #permissions = new Map<string, Record<string, string>>();
  #ids = 100;

  static async start(): Promise<Github> {
    const github = new Github();
    const server = createServer(async (request, response) => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      const body = await text(request);
      const token = (request.headers.authorization ?? "").replace("Bearer ", "");
      const answer = github.#answer(`${request.method} ${path}`, new URLSearchParams(query), body, token);
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer.body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    atEndOfFile(() => {
      server.closeAllConnections();
      server.close();
    });
    github.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return github;
  }

  /** A token of a job, which may do what the job has permissions for. */
  tokenFor(permissions: Record<string, string>): string {
    const token = `ghs_${this.#permissions.size}`;
    this.#permissions.set(token, permissions);
    return token;
  }

  /** What a person writes. */
  write(posts: Post[], body: string): void {
    posts.push(this.#post(body, { login: "mallory", type: "User" }));
  }

  commentsOf(pullRequest: string): Post[] {
    const posts = this.comments.get(pullRequest) ?? [];
    this.comments.set(pullRequest, posts);
    return posts;
  }

  #post(body: string, user: Post["user"] = { login: "github-actions[bot]", type: "Bot" }): Post {
    const id = this.#ids++;
    return { id, number: id, user, body };
  }

  #answer(
    call: string,
    query: URLSearchParams,
    body: string,
    token: string,
  ): { status: number; body: unknown } {
    const [, verb = "", path = ""] = /^(\w+) \/repos\/acme\/rtc\/(.+)$/.exec(call) ?? [];
    const scope = path.includes("comments") ? "pull-requests" : "issues";
    if (this.#permissions.get(token)?.[scope] !== "write") {
      this.rejected.push(`${verb} ${path}: ${scope}`);
      return { status: 403, body: { message: "Resource not accessible by integration" } };
    }
    const given = body === "" ? {} : (JSON.parse(body) as Partial<Post>);
    if ((given.body?.length ?? 0) > 65_536) return { status: 422, body: { message: "body is too long" } };
    const [, of] = /^issues\/(\d+)\/comments$/.exec(path) ?? [];
    const list = of === undefined ? this.issues : this.commentsOf(of);
    if (verb === "GET") return { status: 200, body: page(list, query) };
    if (verb === "POST") {
      const made: Post = { ...this.#post(""), ...(of === undefined && { state: "open" }), ...given };
      list.push(made);
      return { status: 201, body: made };
    }
    const id = Number(path.split("/").at(-1));
    const edited = [...this.issues, ...[...this.comments.values()].flat()].find((post) => post.id === id);
    if (verb !== "PATCH" || edited === undefined) return { status: 404, body: { message: "Not Found" } };
    return { status: 200, body: Object.assign(edited, given) };
  }
}

/** The part of a list that a query asks for. */
function page(posts: Post[], query: URLSearchParams): Post[] {
  const size = Number(query.get("per_page") ?? 30);
  const state = query.get("state");
  const creator = query.get("creator");
  const fitting = posts.filter(
    (post) => (state === null || post.state === state) && (creator === null || post.user.login === creator),
  );
  const start = (Number(query.get("page") ?? 1) - 1) * size;
  return fitting.slice(start, start + size);
}
