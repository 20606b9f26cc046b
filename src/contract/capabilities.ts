/** What the contract offers; the first nine are served by every gateway that speaks it. */
export const CAPABILITIES = [
  "rtc.room.create",
  "rtc.room.get",
  "rtc.room.list",
  "rtc.room.delete",
  "rtc.token.issue",
  "rtc.recording.start",
  "rtc.recording.stop",
  "rtc.participant.list",
  "rtc.participant.kick",
  "rtc.room.update",
  "rtc.recording.get",
  "rtc.recording.list",
  "rtc.recording.update",
] as const;
/** One of the things that the contract offers, e.g. `rtc.room.create`. */
export type Capability = (typeof CAPABILITIES)[number];

/** Whether a vendor can do something, and if not, the reason that a user reads. */
export type Ability = { can: true } | { can: false; reason: string };

export const can: Ability = { can: true };
export const cannot = (reason: string): Ability => ({ can: false, reason });
