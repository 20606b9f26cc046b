import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { expect, inject, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { repo } from "../support/clone.ts";
import { lintCompose, lintKubernetes } from "../support/deploy-linters.ts";
import { RunningGateway } from "../support/gateway.ts";

const read = (name: string) => readFileSync(join(repo, "deploy", name), "utf8");
const dockerfile = read("Dockerfile");
const versionOf = (name: string) =>
  (JSON.parse(readFileSync(join(repo, "node_modules", name, "package.json"), "utf8")) as { version: string })
    .version;

/** The words of an instruction in its JSON form. */
const wordsOf = (instruction: string) =>
  JSON.parse(new RegExp(`^${instruction} (\\[.+\\])$`, "m").exec(dockerfile)?.[1] ?? "null") as string[];

test("The Dockerfile passes a linter; its image is pinned, nothing runs as root, and what it starts is a gateway", async () => {
  expect(validate(dockerfile).map(({ message }) => message)).toEqual([]);
  expect(validate(dockerfile.replace("EXPOSE 8080", "EXPOSES 8080"))).toHaveLength(1);
  expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual([
    `node:${versionOf("node")}-trixie-slim`,
  ]);
  expect([...dockerfile.matchAll(/^USER (.+)$/gm)].map(([, user]) => user)).toEqual(["1000:1000"]);
  const copied = /^COPY --chown=1000:1000 (.+) \.\/$/m.exec(dockerfile)?.[1]?.split(" ");
  expect(copied).toEqual([...read(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, name]) => name));

  expect(wordsOf("ENTRYPOINT")).toEqual(["rtc"]);
  const [command, ...args] = wordsOf("CMD");
  expect(command).toBe("gateway");
  const store = /RTC_GATEWAY_STORE=\/data\/(\S+)/.exec(dockerfile)?.[1] ?? "";
  const folder = mkdtempSync(join(inject("scratch"), "gateway-image-"));
  const gateway = await RunningGateway.start({
    cwd: folder,
    env: { RTC_GATEWAY_KEY: "a-trial-key-of-this-test", RTC_GATEWAY_STORE: join(folder, store) },
    // On a port and an address of the test's.
    args: args.map((word) => ({ "0.0.0.0": "127.0.0.1", 8080: "0" })[word] ?? word),
  });
  expect((await gateway.ask("/livez")).status).toBe(200);
  expect(await gateway.end()).toBe(0);
});

test("The Compose file is one by the specification: LiveKit, Redis, egress and the gateway behind TLS, all pinned", async () => {
  const text = read("compose.yaml");
  expect(await lintCompose(text)).toEqual([]);
  expect(await lintCompose(text.replace("read_only:", "readonly:"))).toHaveLength(1);
  const { services } = parse(text) as {
    services: Record<string, { image?: string; ports?: string[]; environment?: Record<string, string> }>;
  };
  expect(Object.keys(services)).toEqual([
    "proxy",
    "gateway",
    "postgres",
    "livekit",
    "egress",
    "writable",
    "redis",
  ]);
  const images = Object.values(services).flatMap(({ image }) => image ?? []);
  for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/);
  // The gateway speaks plain HTTP, so that only the proxy may reach it.
  expect(services["gateway"]?.ports).toBeUndefined();
  // No secret has a value here.
  const { environment = {} } = services["gateway"] ?? {};
  expect(environment["LIVEKIT_API_SECRET"]).toBe("${" + "LIVEKIT_API_SECRET:?}");
  expect(environment["RTC_GATEWAY_STORE"]).toBe("postgres://rtc:${" + "POSTGRES_PASSWORD:?}@postgres/rtc");
  // The server is the one of the tests.
  const engine = readFileSync(join(repo, "engines/livekit-server/go.mod"), "utf8");
  expect(engine).toContain(`livekit-server ${services["livekit"]?.image?.split(":")[1]} `);
});

test("The Kubernetes manifest is one by the API, with probes that the gateway answers, and nothing runs as root", async () => {
  const text = read("kubernetes.yaml");
  expect(await lintKubernetes(text)).toEqual([]);
  expect(await lintKubernetes(text.replace("readinessProbe:", "readynessProbe:"))).toHaveLength(1);
  expect(await lintKubernetes(text.replace("replicas: 3", "replicas: three"))).toHaveLength(1);
  const all = parseAllDocuments(text).map((one) => one.toJS() as { kind: string; spec: object });
  expect(all.map(({ kind }) => kind)).toEqual(["Deployment", "PodDisruptionBudget", "Service", "Ingress"]);
  expect(all[1]?.spec).toMatchObject({ maxUnavailable: 1 });
  expect(all[0]?.spec).toMatchObject({
    replicas: 3,
    strategy: { rollingUpdate: { maxUnavailable: 0 } },
    template: {
      spec: {
        securityContext: { runAsNonRoot: true },
        terminationGracePeriodSeconds: 50,
        containers: [
          {
            livenessProbe: { httpGet: { path: "/livez" } },
            readinessProbe: { httpGet: { path: "/readyz" } },
            securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    },
  });
});
