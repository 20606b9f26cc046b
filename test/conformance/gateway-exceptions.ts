/** Scenes that fail through a gateway by design, by name, with the reason. */

const LONGEST = "over REST a permanent room has the longest timeout, 136 years";
const ROUTES = "the gateway places rooms, and does not report where it would place a new one";

const LATER = "the gateway's answer decides the vendor, so up reports or rejects it, and not a preview";

const KEPT_THERE = "the gateway stores the record, and reads the room at the vendor";

/** Through any gateway. */
export const THROUGH_ANY: Readonly<Record<string, string>> = {
  "a room of which nothing is declared has no limit and stays for good": LONGEST,
  "a room stays where it is, whoever comes before it, also when it is recreated": ROUTES,
  "what the vendor does not enforce is reported once, in a preview": LATER,
  "what holds only once the vendor's support has switched it on is reported once for all rooms": LATER,
  "without a place for an ownership tag only the state identifies the owner of a room, which the preview reports once":
    LATER,
  "metadata for which rooms have no place is rejected before anything is created": LATER,
  "that the vendor ends a room at a certain time is reported once in the preview": LATER,
  "the recording of an empty room is rejected, which the preview reports, and nothing is started": LATER,
  "the recording of a whole room that the vendor cannot make is rejected before anything is created": LATER,
  "a layout that the vendor does not have is rejected before anything is started": LATER,
  "what is declared to be recorded is rejected in the preview, before anything is touched": LATER,
  "a declared room is a state-only resource of everything that was declared, made without a call": KEPT_THERE,
  "the same room may be declared by several stacks, and be occupied already": KEPT_THERE,
  "metadata changes in place, and is no longer there when it is no longer declared, without a call":
    KEPT_THERE,
  "an update past the stack answers with a record, and changes nothing": KEPT_THERE,
  "unforced, a room that is renamed or destroyed is only dropped: it closes when it is empty": KEPT_THERE,
  "a room is declared, changed, refreshed and dropped while the vendor does not answer": KEPT_THERE,
};

/** Through ours. */
export const THROUGH_OURS: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "what has expired is NOT_FOUND": "the gateway returns the last observation",
};

const UNCHANGED = "a room's metadata cannot be changed in place";
const RECREATED = "what changes in place is recreated";
const UNOBSERVABLE = "a recording cannot be observed: its state stays as it was started, unverified";
const NOT_FOUND = "a recording that is not in the state cannot be found";
const ALREADY = "it is tested through our gateway";

/** Through one with only the core capabilities. */
export const THROUGH_CORE_ONLY: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "adopt adopts a room whose limits agree": UNCHANGED,
  "a declared recording is started once, and waits until a participant publishes": UNOBSERVABLE,
  "it records once a participant publishes, which is no drift": UNOBSERVABLE,
  "one that fails at once is an error, and no recording": UNOBSERVABLE,
  "what the storage rejects is reported without its keys": UNOBSERVABLE,
  "what is stopped ends with its file": UNOBSERVABLE,
  "a destroy waits for the file and names it": UNOBSERVABLE,
  "a room that was lost at the vendor is recorded again when it is recreated": UNOBSERVABLE,
  "it ends with its room, and then is history with its file, also when it has expired": UNOBSERVABLE,
  "one that expired before any read has ended, in an unknown way": UNOBSERVABLE,
  "restartPolicy never leaves what has failed, and reports it": UNOBSERVABLE,
  "restartPolicy onFailure starts another after a failure, and not after a stop": UNOBSERVABLE,
  "restartPolicy always keeps one armed, and each one's file stays listed": UNOBSERVABLE,
  "a run that was killed after the start is completed by the next": NOT_FOUND,
  "a recording whose resource was only renamed is not cut": NOT_FOUND,
  "what is orphaned by a lost stack is adopted by the next": NOT_FOUND,
  "a vendor that is denied is distinguished from the others": ALREADY,
  "a vendor that is throttled is distinguished from the others": ALREADY,
  "a vendor that is broken is distinguished from the others": ALREADY,
  "a vendor that is garbled is distinguished from the others": ALREADY,
  "a vendor that is unreachable is distinguished from the others": ALREADY,
};

const UNFINISHED = "the end of the file cannot be observed, so a delete does not wait for it";

/** Through one with only the core capabilities, of a vendor of on-demand rooms. */
export const ON_DEMAND_THROUGH_CORE_ONLY: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "what cannot change in place makes a new room, everything else does not": RECREATED,
};

/** Through one with only the core capabilities, of a vendor that takes a while to finish a file. */
export const WHERE_FILES_TAKE_TIME: Readonly<Record<string, string>> = {
  "while the room is occupied it is neither replaced nor deleted": UNFINISHED,
  "forceDestroy ends it in the middle of a call": UNFINISHED,
};
