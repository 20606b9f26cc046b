import { describe, expect, it } from "vitest";
import { everyVendor } from "../../src/client/vendors.ts";
import { accountOf, asked, LIVE, namesOf } from "./live.ts";
import { inTurn } from "./runner.ts";
import { conformance } from "./suite.ts";

const wanted = asked(process.env);

it("RTC_LIVE names vendors that can be run against a real account", () => {
  expect(Object.keys(LIVE)).toEqual(expect.arrayContaining(wanted));
});

for (const vendor of Object.keys(everyVendor)) {
  const live = LIVE[vendor];
  if (live === undefined) {
    inTurn.note(`${vendor}: CANNOT BE RUN against a real account: live.ts does not know it`);
    continue;
  }
  if (!wanted.includes(vendor)) {
    const how = `RTC_LIVE=${vendor} npm run conformance does so, with ${namesOf(live.keys).join(", ")}`;
    inTurn.note(`${vendor}: NOT RUN against a real account. ${how}`);
    continue;
  }
  describe(`${vendor}, a real account`, () => {
    const { config, missing } = accountOf(vendor, live, process.env);
    if (missing.length > 0)
      it("is configured", () => expect(missing, "variables without a value").toEqual([]));
    else conformance(inTurn, live.subject(config));
  });
}
