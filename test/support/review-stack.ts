import { expect } from "vitest";
import type { LivekitServer } from "./livekit.ts";
import { RtcFolder } from "./rtc-folder.ts";
import { roomsOf } from "./world.ts";

/** A repository whose pull requests have a stack each, `review-<number>`, on one server and one backend. */
export class ReviewStacks {
  readonly #server: LivekitServer;
  readonly #folder: RtcFolder;

  /** @param server with an egress worker */
  constructor(server: LivekitServer) {
    this.#server = server;
    this.#folder = new RtcFolder(server.env);
    const named = (name: string) => `name: "${name}-\${env:PR}"`;
    this.#folder.manifest(
      "rooms:",
      `  hall: { ${named("hall")}, metadata: { revision: "\${env:REVISION:-1}" } }`,
      `  stage: { ${named("stage")} }`,
      "recordings:",
      `  stage: { room: stage, audioOnly: true, outputUri: "out/\${env:PR}/" }`,
    );
  }

  /** The whole life of one: made, changed while the server drifts, repaired, and taken down. */
  async life(pullRequest: number): Promise<void> {
    const env = { PULUMI_STACK: `review-${pullRequest}`, PR: `${pullRequest}` };
    const changed = { ...env, REVISION: "2" };
    const hall = async () => (await roomsOf(this.#server))[`hall-${pullRequest}`]?.metadata;

    expect(await this.#folder.json(0, "up", env)).toMatchObject({ changes: { create: 3 } });
    expect(await hall()).toEqual({ revision: "1" });
    await this.#server.service.deleteRoom(`stage-${pullRequest}`);
    const { resources } = await this.#folder.json<{ resources: object[] }>(7, "drift", env);
    expect(resources).toMatchObject([{ name: "stage" }, { name: "stage" }]);
    expect(await this.#folder.json(0, "reconcile", changed)).toMatchObject({ acted: true });
    expect(await hall()).toEqual({ revision: "2" });
    expect(Object.keys(await roomsOf(this.#server))).toContain(`stage-${pullRequest}`);
    const end = await this.#folder.json<{ deleted: object[] }>(0, "destroy --remove-stack", changed);
    expect(end).toMatchObject({ result: "destroyed", removedStack: true, remaining: [], errors: [] });
    expect(end.deleted).toHaveLength(3);
  }

  /** The rooms and running recordings that the server has. */
  async atTheVendor(): Promise<string[]> {
    const running = await this.#server.recordings.listEgress({ active: true });
    return [...Object.keys(await roomsOf(this.#server)), ...running.map(({ egressId }) => egressId)];
  }

  /** The files that the commands have written. */
  onDisk(): string[] {
    return this.#folder.files();
  }
}
