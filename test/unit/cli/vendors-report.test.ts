import { expect, test } from "vitest";
import { vendorsText } from "../../../src/cli/report/vendors-report.ts";
import type { Discovery } from "../../../src/contract/types.ts";

const answer = (
  capability: Discovery["capability"],
  agora: string | undefined,
  zego: string | undefined,
): Discovery => ({
  capability,
  vendors: Object.entries({ agora, zego }).map(([vendor, reason]) =>
    reason === undefined ? { vendor, available: true } : { vendor, available: false, reason },
  ),
});

test("each reason of a vendor is one line, with all that it is about", () => {
  const found = [
    answer("rtc.room.create", undefined, "a key is not set"),
    answer("rtc.room.list", "cannot rtc.room.list: \nno list", "a key is not set"),
    answer("rtc.recording.start", "cannot rtc.recording.start: none", "cannot rtc.recording.start: none"),
    answer("rtc.recording.stop", "cannot rtc.recording.stop: none", "cannot rtc.recording.stop: none"),
  ];
  expect(vendorsText(found, ["agora", "zego"]).split("\n")).toEqual([
    "                     agora  zego",
    "rtc.room.create      yes    no",
    "rtc.room.list        no     no",
    "rtc.recording.start  no     no",
    "rtc.recording.stop   no     no",
    "",
    "zego: a key is not set",
    "agora: cannot rtc.room.list: \\u{a}no list",
    "agora: cannot rtc.recording.start, rtc.recording.stop: none",
    "zego: cannot rtc.recording.start, rtc.recording.stop: none",
  ]);
  expect(vendorsText([], [])).not.toContain("\n\n");
});
