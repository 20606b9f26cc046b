import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repo } from "../../support/clone.ts";
import { exceptionsOf, SCENES } from "../../support/through-scenes.mts";

const files = Object.keys(SCENES);

it("every file that runs through a gateway is there", () => {
  const missing = files.filter((file) => !existsSync(join(repo, "test/e2e", `${file}.test.ts`)));
  expect(missing).toEqual([]);
});

it("so many scenes are left out, and each of them with a reason", () => {
  const reasons = (isCoreOnly: boolean) =>
    files.flatMap((file) => Object.values(exceptionsOf(file, isCoreOnly)));
  expect({ any: reasons(false).length, core: reasons(true).length }).toEqual({ any: 3, core: 33 });
  expect(reasons(true)).not.toContain("");
});
