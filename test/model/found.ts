import type { Step } from "./steps.ts";

/** Histories that have shown a defect, each as short as it could be made, by what was wrong. They are played each time. */
export const found: Record<string, readonly Step[]> = {
  "the second of two runs recreated a recording, since the state's room was older than it": [
    { do: "declare", room: "hall", with: { emptyTimeoutSeconds: 600 } },
    { do: "up" },
    { do: "record", tape: "talk", of: "hall", with: { outputUri: "out/talk/" } },
    { do: "time passes" },
    { do: "join", room: "hall", token: "old", publishing: false },
    { do: "up" },
  ],
  "a reconcile failed to record a room that had come back and closed again, although its recording was history":
    [
      { do: "declare", room: "hall", with: { emptyTimeoutSeconds: 600 } },
      { do: "record", tape: "talk", of: "hall", with: { outputUri: "out/talk/" } },
      { do: "declare", room: "lab", with: {} },
      { do: "up" },
      { do: "time passes" },
      { do: "make by hand", room: "hall", of: "no owner", like: "nothing" },
      { do: "destroy", killed: { at: 1, when: "after", victim: "CLI" } },
      { do: "up" },
      { do: "delete by hand", room: "hall" },
    ],
  "an occupied room of a killed run was adopted with timeouts that were never repaired": [
    { do: "declare", room: "hall", with: {} },
    { do: "up", killed: { at: 1, when: "after", victim: "CLI" } },
    { do: "join", room: "hall", token: "old", publishing: false },
    { do: "declare", room: "hall", with: { emptyTimeoutSeconds: 600 } },
    { do: "up" },
  ],
};
