/** Scenes that cannot hold through a gateway, by name, and why. */

const LONGEST = "over REST a room is made to stay by the longest timeout, 136 years, instead of without one";
const ROUTES = "the gateway chooses the vendor, and does not say where a new room would go";

const LATER =
  "the gateway's answer tells which vendor it is, so that it is said, or rejected, by up and not in a preview";

const KEPT_THERE = "the gateway keeps the record, and looks at the vendor when it is asked for the room";

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
  "what has expired is NOT_FOUND": "the gateway answers it as it was seen last",
};

const UNCHANGED = "a room's metadata cannot be changed in place";
const ANEW = "what changes in place is recreated";
const UNSEEN = "a recording cannot be looked at: the state is kept as it was started, unverified";
const NOT_FOUND = "a recording that is not in the state is not looked for";
const ALREADY = "it is played through our whole gateway";

/** Through one with only the core capabilities. */
export const THROUGH_CORE_ONLY: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "adopt adopts a room whose limits agree": UNCHANGED,
  "a declared recording is started once, and waits until a participant publishes": UNSEEN,
  "it records once a participant publishes, which is no drift": UNSEEN,
  "one that fails at once is an error, and no recording": UNSEEN,
  "what the storage rejects is reported without its keys": UNSEEN,
  "what is stopped ends with its file": UNSEEN,
  "a destroy waits for the file and names it": UNSEEN,
  "a room that was lost at the vendor is recorded again when it is recreated": UNSEEN,
  "it ends with its room, and then is history with its file, also when it has expired": UNSEEN,
  "one that expired before any read has ended, in an unknown way": UNSEEN,
  "restartPolicy never leaves what has failed, and reports it": UNSEEN,
  "restartPolicy onFailure starts another after a failure, and not after a stop": UNSEEN,
  "restartPolicy always keeps one armed, and each one's file stays listed": UNSEEN,
  "a run that was killed after the start is completed by the next": NOT_FOUND,
  "a recording whose resource was only renamed is not cut": NOT_FOUND,
  "what is orphaned by a lost stack is adopted by the next": NOT_FOUND,
  "a vendor that is denied is distinguished from the others": ALREADY,
  "a vendor that is throttled is distinguished from the others": ALREADY,
  "a vendor that is broken is distinguished from the others": ALREADY,
  "a vendor that is garbled is distinguished from the others": ALREADY,
  "a vendor that is unreachable is distinguished from the others": ALREADY,
};

const UNFINISHED = "nobody can see when the file is finished, so a delete does not wait for it";

/** Through one with only the core capabilities, of a vendor that keeps no rooms. */
export const ON_DEMAND_THROUGH_CORE_ONLY: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "what cannot change in place makes a new room, everything else does not": ANEW,
};

/** Through one with only the core capabilities, of a vendor that takes a while to finish a file. */
export const WHERE_FILES_TAKE_TIME: Readonly<Record<string, string>> = {
  "while the room is occupied it is neither replaced nor deleted": UNFINISHED,
  "forceDestroy ends it in the middle of a call": UNFINISHED,
};
