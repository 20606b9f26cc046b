/** Scenes that fail through a gateway by design, by name, with the reason. */

const LONGEST = "over REST a permanent room has the longest timeout, 136 years";
const ROUTES = "the gateway places rooms, and does not report where it would place a new one";

const LATER = "the gateway's answer decides the vendor, so up reports or rejects it, and not a preview";

const AT_GATEWAY = "the gateway stores the record, and reads the room at the vendor";

/** Through any gateway. */
export const THROUGH_ANY: Readonly<Record<string, string>> = {
  "creates a room without limits that does not expire where nothing is declared": LONGEST,
  "leaves a room at its vendor when another vendor comes first, also when it is recreated": ROUTES,
  "reports once, in a preview, what the vendor does not enforce": LATER,
  "reports once for all rooms what the vendor's support must first enable": LATER,
  "without a place for an ownership tag only the state identifies the owner of a room, which the preview reports once":
    LATER,
  "rejects metadata that rooms cannot hold before anything is created": LATER,
  "reports once in the preview that the vendor ends a room at a certain time": LATER,
  "rejects the recording of an empty room, also in the preview, and starts nothing": LATER,
  "rejects an unsupported recording of a whole room before anything is created": LATER,
  "rejects an unsupported layout before anything is started": LATER,
  "rejects a declared recording in the preview, before anything is touched": LATER,
  "creates a state-only resource with everything that is declared, without a call": AT_GATEWAY,
  "accepts a room that several stacks declare, and that is already occupied": AT_GATEWAY,
  "changes metadata in place, and removes it when it is no longer declared, without a call": AT_GATEWAY,
  "answers an update outside the stack with a record, and changes nothing": AT_GATEWAY,
  "only drops a renamed or destroyed room without force: it closes when it is empty": AT_GATEWAY,
  "declares, changes, refreshes and drops a room while the vendor does not answer": AT_GATEWAY,
};

/** Through ours. */
export const THROUGH_OURS: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "answers NOT_FOUND for a recording that has expired": "the gateway returns the last observation",
};

const UNCHANGED = "a room's metadata cannot be changed in place";
const RECREATED = "what changes in place is recreated";
const UNOBSERVABLE = "a recording cannot be observed: its state stays as it was started, unverified";
const NOT_FOUND = "a recording that is not in the state cannot be found";
const ALREADY = "it is tested through our gateway";

/** Through one with only the core capabilities. */
export const THROUGH_CORE_ONLY: Readonly<Record<string, string>> = {
  ...THROUGH_ANY,
  "adopts a room with the same limits where adopt is set": UNCHANGED,
  "starts a declared recording once, which waits until a participant publishes": UNOBSERVABLE,
  "records once a participant publishes, which is no drift": UNOBSERVABLE,
  "fails where the recording fails at once, and leaves no recording": UNOBSERVABLE,
  "reports what the storage rejects without its keys": UNOBSERVABLE,
  "ends a stopped recording with its file": UNOBSERVABLE,
  "waits for the file in a destroy, and names it": UNOBSERVABLE,
  "records a recreated room again after the vendor has lost it": UNOBSERVABLE,
  "ends with its room, and stays in the state with its file, also when it has expired": UNOBSERVABLE,
  "takes a recording that expired before any read for ended, with an unknown result": UNOBSERVABLE,
  "reports a failed recording and starts no other with restartPolicy never": UNOBSERVABLE,
  "starts another after a failure, and not after a stop, with restartPolicy onFailure": UNOBSERVABLE,
  "always has one recording armed with restartPolicy always, and lists the file of each": UNOBSERVABLE,
  "completes a run that was killed after the start in the next run": NOT_FOUND,
  "does not interrupt a recording whose resource is only renamed": NOT_FOUND,
  "adopts what a lost stack has orphaned in the next run": NOT_FOUND,
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
  "replaces a room for what cannot change in place, and for nothing else": RECREATED,
};

/** Through one with only the core capabilities, of a vendor that takes a while to finish a file. */
export const WHERE_FILES_TAKE_TIME: Readonly<Record<string, string>> = {
  "neither replaces nor deletes a recording while the room is occupied": UNFINISHED,
  "ends a recording in the middle of a call where forceDestroy is set": UNFINISHED,
};
