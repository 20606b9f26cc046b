import { basename } from "node:path";
import { beforeEach, expect, type RunnerTask } from "vitest";
import { isCoreOnly } from "./through.ts";
import { exceptionsOf } from "./through-scenes.mts";

/** Leaves out what cannot hold through this project's gateway; the report has the reason. */

beforeEach(({ task: { name, file }, skip }) => {
  const excepted = exceptionsOf(basename(file.filepath, ".test.ts"), isCoreOnly);
  const missing = Object.keys(excepted).filter((one) => !namesIn(file.tasks).includes(one));
  expect(missing, "exceptions of tests that are not there").toEqual([]);
  const why = excepted[name];
  skip(why !== undefined, why);
});

function namesIn(tasks: readonly RunnerTask[]): string[] {
  return tasks.flatMap((task) => (task.type === "suite" ? namesIn(task.tasks) : [task.name]));
}
