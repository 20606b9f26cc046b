import type { TestContext } from "vitest";

/** What a test proves of the package's reliability, a row of docs/reliability.md. */
export interface Proof {
  /** What is promised, a sentence that a user understands. */
  promise: string;
  /** What this run has measured. */
  figure: string;
}

declare module "vitest" {
  interface TaskMeta {
    proof?: Proof;
  }
}

/** Reports, at the end of a test, what it has proved: `npm run test:reliability` prints the table of all. */
export function report(task: TestContext["task"], proof: Proof): void {
  task.meta.proof = proof;
}
