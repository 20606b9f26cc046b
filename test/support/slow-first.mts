import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take more than half a minute: see the report at the end of a run. */
const SLOW = [
  "release/readme",
  "release/commands",
  "release/gitops",
  "release/examples-classroom",
  "release/examples",
  "release/examples-multi-vendor",
  "e2e/crashes",
  "e2e/drift",
  "e2e/everyday",
  "e2e/cli-interruptions",
  "e2e/recording-secrets",
  "e2e/recording-delete",
  "e2e/dead-server",
  "e2e/cli-destroy",
  "e2e/recording-rooms",
  "e2e/recording-restarts",
  "e2e/recording-lifecycle",
  "e2e/cli-teardown",
  "e2e/gateway",
  "e2e/upgrade",
];

/** Begins with the slowest files, also in a fresh clone: none of them is then left to run alone at the end. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = SLOW.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found === -1 ? SLOW.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
