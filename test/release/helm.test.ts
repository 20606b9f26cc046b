import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { repo } from "../support/clone.ts";
import { lintKubernetes } from "../support/deploy-linters.ts";

const chart = join(repo, "deploy/helm");

interface Rendered {
  /** What Helm's linter reports. */
  problems: string[];
  /** The rendered files. */
  files: string[];
}

/** Lints and renders the chart with Helm's own libraries, with values on top of its defaults. */
async function helm(values: object = {}, folder = chart): Promise<Rendered> {
  const file = join(mkdtempSync(join(inject("scratch"), "helm-")), "values.yaml");
  writeFileSync(file, JSON.stringify(values));
  const cwd = join(repo, "test/linters/helm");
  // A clone inside a Go workspace must not be built as a part of it.
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "" };
  const { stdout } = await promisify(execFile)("go", ["run", ".", folder, file], {
    cwd,
    env,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as Rendered;
}

const documentsOf = (files: readonly string[]) =>
  files
    .flatMap((file) =>
      parseAllDocuments(file).map((one) => one.toJS() as { kind: string; spec: object } | null),
    )
    .filter((one) => one !== null)
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));

// The first build of the libraries takes its time.
const timeout = 600_000;

test("The Helm chart passes Helm's linter and the API's, and is the Kubernetes manifest where nothing else is asked for", {
  timeout,
}, async () => {
  const { problems, files } = await helm();
  expect(problems).toEqual([]);
  for (const file of files.filter((one) => one.trim() !== "")) expect(await lintKubernetes(file)).toEqual([]);
  const manifest = readFileSync(join(repo, "deploy/kubernetes.yaml"), "utf8");
  expect(documentsOf(files)).toEqual(documentsOf([manifest]));
  const { version, appVersion } = parse(readFileSync(join(chart, "Chart.yaml"), "utf8")) as Record<
    string,
    string
  >;
  const ours = JSON.parse(readFileSync(join(repo, "package.json"), "utf8")) as { version: string };
  expect([version, appVersion]).toEqual([ours.version, ours.version]);
});

test("The chart takes other values, and its schema rejects wrong ones", { timeout }, async () => {
  const { problems, files } = await helm({
    replicas: 5,
    image: { repository: "registry.example.com/rtc", tag: "1.2.3", pullSecrets: ["registry"] },
    secret: "keys",
    env: { LIVEKIT_URL: "wss://livekit.example.com", RTC_RECORDING_OUTPUT: 's3://acme/"quoted"/' },
    ingress: { enabled: false },
  });
  expect(problems).toEqual([]);
  const documents = documentsOf(files);
  expect(documents.map(({ kind }) => kind)).toEqual(["Deployment", "PodDisruptionBudget", "Service"]);
  for (const file of files.filter((one) => one.trim() !== "")) expect(await lintKubernetes(file)).toEqual([]);
  expect(documents[0]?.spec).toMatchObject({
    replicas: 5,
    template: {
      spec: {
        imagePullSecrets: [{ name: "registry" }],
        containers: [
          {
            image: "registry.example.com/rtc:1.2.3",
            envFrom: [{ secretRef: { name: "keys" } }],
            env: [
              { name: "LIVEKIT_URL", value: "wss://livekit.example.com" },
              { name: "RTC_RECORDING_OUTPUT", value: 's3://acme/"quoted"/' },
            ],
          },
        ],
      },
    },
  });
  const broken = join(mkdtempSync(join(inject("scratch"), "chart-")), "rtc-gateway");
  cpSync(chart, broken, { recursive: true });
  const old = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata:\n  name: old\n";
  writeFileSync(join(broken, "templates/old.yaml"), old);
  expect((await helm({}, broken)).problems.join()).toContain("extensions/v1beta1 Ingress is deprecated");
  for (const wrong of [{ replicas: "three" }, { replica: 3 }, { ingress: { enabled: true, hosts: [] } }])
    await expect(helm(wrong)).rejects.toThrow(/values don't meet the specifications of the schema/);
});
