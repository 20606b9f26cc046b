/** Scenes that fail by design, by name, with the reason. */
type Exceptions = Readonly<Record<string, string>>;

/** What of a file cannot hold through any gateway, and what only through one that has the core alone. */
interface Except {
  any?: Exceptions;
  core?: Exceptions;
}

const LATER =
  "only the gateway has its vendors and their regions: up rejects what they cannot do, and not a preview";
const UNCHANGED = "a room's metadata cannot be changed in place";
const UNOBSERVABLE = "a recording cannot be observed: its state stays as it was started, unverified";
const UNKNOWN = "a recording that is not in the state cannot be found";

/** The files of test/e2e that also run through a gateway. */
export const SCENES: Readonly<Record<string, Except>> = {
  crashes: {},
  "crashed-creates": {},
  dormant: {
    core: {
      "and an update of its metadata changes the state only; the next join brings the new metadata":
        UNCHANGED,
      "and the next update of the room that has come back restores its ownership tag": UNCHANGED,
    },
  },
  drift: {
    core: {
      "a room that came back without metadata has it at once, and its timeouts when it is empty": UNCHANGED,
    },
  },
  endpoint: {},
  get: {},
  errors: {
    any: {
      "report which input is wrong: a recording without a place for it": LATER,
      "report which input is wrong: an unknown region": LATER,
    },
  },
  functions: {},
  interruptions: {},
  lifecycle: {
    core: { "updates metadata in place, and removes it when it is no longer declared": UNCHANGED },
  },
  manifest: {},
  occupied: {},
  options: {},
  outage: {},
  ownership: {
    core: {
      "adopts a room with the same limits, sets its metadata, and leaves its timeouts with a warning":
        UNCHANGED,
    },
  },
  records: {},
  "recording-auto": {},
  "recording-crashes": {
    core: {
      "of the CLI and then of the provider, a second destroy waits for the file and names it": UNOBSERVABLE,
      "and before another starts, the next up lets it finish and starts the other": UNOBSERVABLE,
      "when the answer to a start is lost, and the server can no longer be asked, the up fails and the next one adopts it":
        UNKNOWN,
    },
  },
  "recording-delete": {
    core: {
      "waits, with progress, while the file takes long to be finished": UNOBSERVABLE,
      "but no participant has published yet, there is nothing to interrupt": UNOBSERVABLE,
    },
  },
  "recording-ends": {
    core: {
      "stays in the state with status, file and duration, also when it has expired at the vendor, without drift":
        UNOBSERVABLE,
      "to HLS has the playlist as its file, with the number of segments, their size and their length":
        UNOBSERVABLE,
      "and that had expired at the vendor before any read is reported as ended, without an invented end":
        UNOBSERVABLE,
      "reports why, in its outputs and as a warning": UNOBSERVABLE,
      "is reported once, by up --refresh too, is no drift, and is followed by no other": UNOBSERVABLE,
    },
  },
  "recording-lifecycle": {
    core: {
      "becomes active when a participant publishes, which a refresh stores and no command reports as a change":
        UNOBSERVABLE,
      "takes another layout while it runs": "another layout makes another recording",
      "applies its new layout to the running recorder": "another layout makes another recording",
      "continues, while it is occupied and without an alias": UNKNOWN,
      "is restarted by its policy, and stopped by destroy": UNOBSERVABLE,
    },
  },
  "recording-rejections": {
    core: {
      "a recording that fails at once fails the up, with the reason; the next one starts another":
        UNOBSERVABLE,
    },
  },
  "recording-restarts": {
    core: {
      "always: each that has ended is followed by another, as an update in place, and every file stays listed":
        UNOBSERVABLE,
      "onFailure: another follows one that has failed, and none one that was stopped": UNOBSERVABLE,
      "onFailure: another follows one that the worker interrupted, whose file stays listed": UNOBSERVABLE,
      "never, the default, leaves a failed one ended; the up that brings another policy starts another":
        UNOBSERVABLE,
      "a restart that fails at once is reported, loses nothing, and is retried by the next up": UNOBSERVABLE,
    },
  },
  "recording-rooms": {},
  "recording-secrets": {
    any: {
      "storage keys in the stack's config reach the worker, and nothing that is written or printed":
        "storage keys are the gateway's own",
    },
    core: {
      "nor do those in the environment, and the vendor's credentials there, not even in the engine's most verbose log":
        UNOBSERVABLE,
    },
  },
  "recording-state": {},
  "recording-state-lost": {
    core: {
      "the recordings of a lost state are orphans until an up of the same stack adopts them": UNKNOWN,
    },
  },
  relations: {},
  secrets: {},
  "server-limits": {},
  state: {},
  unknowns: {
    core: {
      "is updated or stays where that room is updated, whose answers are unknown in the preview": UNCHANGED,
      "is updated or replaced where that room is replaced, as the preview reports": UNCHANGED,
    },
  },
};

/**
 * What `npm test` runs of them: that the engine and a gateway fit together. What each side does is proved without the
 * other, the transport by test/conformance and the engine by the direct pass.
 */
export const SEAM = {
  /** Through our gateway. */
  gateway: ["lifecycle", "crashes", "unknowns"],
  /** Through a gateway that has only the core capabilities. */
  core: ["lifecycle"],
} as const;

/** What of a file is left out. */
export function exceptionsOf(file: string, isCoreOnly: boolean): Exceptions {
  const { any, core } = SCENES[file] ?? {};
  return { ...any, ...(isCoreOnly && core) };
}
