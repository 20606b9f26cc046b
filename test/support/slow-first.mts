import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take a minute or more: see the report at the end of a run. */
const SLOW = [
  "crashes",
  "drift",
  "everyday",
  "recording-rooms",
  "recording-delete",
  "cli-interruptions",
  "recording-lifecycle",
];

/** Begins with the slowest files, also in a fresh clone: none of them is then left to run alone at the end. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = SLOW.findIndex((name) => moduleId.endsWith(`/e2e/${name}.test.ts`));
      return found === -1 ? SLOW.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
