import { expect, test } from "vitest";
import { filterNoise } from "../../../src/cli/stack/noise.ts";

const OUTPUT = `Updating (dev):

 ~  rtc:RtcRoom kept updating (0s) [diff: ~maxParticipants]
 ~  rtc:RtcRoom kept **updating failed** [diff: ~maxParticipants]; \u001b[31merror: \u001b[0mROOM_OCCUPIED: 1 participant
    pulumi:pulumi:Stack acme-dev running error: update failed
Diagnostics:
  pulumi:pulumi:Stack (acme-dev):
    error: update failed

  rtc:RtcRoom (kept):
    error: ROOM_OCCUPIED: 1 participant is in room livekit:kept
      and a second line

  rtc:RtcRoom (free):
    warning: the server created room livekit:free with other settings
    error: something else

Outputs:
    rooms: {}
`;

function shown(isInterrupted: boolean): string {
  const parts: string[] = [];
  const show = filterNoise(
    (part) => parts.push(part),
    () => isInterrupted,
  );
  // In chunks that end anywhere.
  for (let at = 0; at < OUTPUT.length; at += 7) show(OUTPUT.slice(at, at + 7));
  return parts.join("");
}

test("The engine's progress is shown without the errors, which the command's result has", () => {
  expect(shown(false)).toBe(`Updating (dev):

 ~  rtc:RtcRoom kept updating (0s) [diff: ~maxParticipants]
 ~  rtc:RtcRoom kept **updating failed** [diff: ~maxParticipants]
    pulumi:pulumi:Stack acme-dev
Diagnostics:
  rtc:RtcRoom (free):
    warning: the server created room livekit:free with other settings
Outputs:
    rooms: {}
`);
});

test("It is shown with them where the command is interrupted, and has no result", () => {
  expect(shown(true)).toBe(OUTPUT);
});
