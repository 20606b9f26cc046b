import { isDeepStrictEqual } from "node:util";
import { roomId } from "./ids";
import type { Room, RoomFields, RoomInput } from "./types";

/** The timeout, in seconds, of a room that never closes by itself. */
export const NEVER = 2 ** 32 - 1;

/** The settings that a room is created with. */
export const DECLARED_SETTINGS = ["maxParticipants", "emptyTimeoutSeconds", "metadata"] as const;
/** The settings that a room is created with, where they are given. */
export type DeclaredSettings = Pick<RoomFields, (typeof DECLARED_SETTINGS)[number]>;

/** The settings in a room's record: two timeouts where one is declared. */
export const RECORDED_SETTINGS = [
  ...(["maxParticipants", "emptyTimeoutSeconds", "departureTimeoutSeconds", "metadata"] as const),
];
/** The settings in a room's record. */
export type RecordedSettings = Pick<Room, (typeof RECORDED_SETTINGS)[number]>;

/** The record of a room that is exactly as declared; what is not declared is null. */
export function recordedSettings({
  maxParticipants = null,
  emptyTimeoutSeconds = null,
  metadata = null,
}: { [Field in keyof DeclaredSettings]?: DeclaredSettings[Field] | null }): RecordedSettings {
  return { maxParticipants, ...bothTimeouts(emptyTimeoutSeconds), metadata };
}

/** A room on demand: it has the settings that its declaration has, and the live state that was read. */
export function onDemandRoom(
  at: Pick<Room, "vendor" | "region" | "name" | "endpoint">,
  known: DeclaredSettings & { owner?: string | null | undefined },
  live: Partial<Pick<Room, "state" | "numParticipants">> = {},
): Room {
  const { state = "pending", numParticipants = null } = live;
  const settings = recordedSettings(known);
  const owner = known.owner ?? null;
  return { ...at, room: roomId(at), state, numParticipants, createdAt: null, sid: null, owner, ...settings };
}

/** Both timeouts of a record, from the declared one. */
export function bothTimeouts<Timeout>(seconds: Timeout) {
  return { emptyTimeoutSeconds: seconds, departureTimeoutSeconds: seconds };
}

/** Both timeouts that a declared room has once it is as declared. */
export function declaredTimeouts({ emptyTimeoutSeconds = NEVER }: DeclaredSettings) {
  return bothTimeouts(emptyTimeoutSeconds);
}

/** The record of a room that was created as asked; `reported` is what is known of its timeouts. */
export function createdSettings(asked: DeclaredSettings, reported: RecordedSettings): RecordedSettings {
  const record = recordedSettings({ ...withTimeout(asked, NEVER), metadata: asked.metadata ?? {} });
  const { emptyTimeoutSeconds } = reported;
  // A gateway that reports one timeout means both.
  return emptyTimeoutSeconds === null ? record : { ...record, departureTimeoutSeconds: emptyTimeoutSeconds };
}

/** The limits of a room, which a server may cap or fill in. */
export function limitsOf(room: RecordedSettings): Omit<RecordedSettings, "metadata"> {
  const { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds } = room;
  return { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds };
}

/** The settings as they are declared, with this timeout where none is. */
export function withTimeout<Settings extends DeclaredSettings>(settings: Settings, seconds: number) {
  return { ...settings, emptyTimeoutSeconds: settings.emptyTimeoutSeconds ?? seconds };
}

/** Whether a declaration or a state has a timeout: the room closes by itself. */
export function hasTimeout(settings: { emptyTimeoutSeconds?: unknown }): boolean {
  return settings.emptyTimeoutSeconds !== undefined;
}

/** Whether a room closes by itself when it is empty; false where its timeout is unknown. */
export function closesWhenEmpty({
  emptyTimeoutSeconds,
}: Pick<RecordedSettings, "emptyTimeoutSeconds">): boolean {
  return emptyTimeoutSeconds !== null && emptyTimeoutSeconds !== NEVER;
}

/** Whether a room's timeout is unknown, as of a gateway's record. */
export function hasUnknownTimeout({
  emptyTimeoutSeconds,
}: Pick<RecordedSettings, "emptyTimeoutSeconds">): boolean {
  return emptyTimeoutSeconds === null;
}

/** The declaration of a live room; its metadata as the vendor reports it. */
export function declaredSettings(room: Room): {
  [Field in keyof DeclaredSettings]: DeclaredSettings[Field] | null;
} {
  const { maxParticipants, emptyTimeoutSeconds, metadata } = room;
  return {
    maxParticipants,
    emptyTimeoutSeconds: closesWhenEmpty(room) ? emptyTimeoutSeconds : undefined,
    metadata,
  };
}

/** Whether a third-party gateway reports the timeouts of a room. */
export function reportsTimeouts({ untold = [] }: Room): boolean {
  return !untold.includes("emptyTimeoutSeconds");
}

/** A setting in which a living room is not as asked. */
export interface Difference {
  field: (typeof DECLARED_SETTINGS)[number];
  /** For a person: `maxParticipants is 5, asked for 12`. Metadata, which may be secret, is not printed. */
  text: string;
}

/** Whether a difference is one of timeouts: it disturbs no participant, and can wait until the room is empty. */
export function isOfTimeouts({ field }: Difference): boolean {
  return field === "emptyTimeoutSeconds";
}

/** Plain equality of JSON values, for which 0 and -0 are one; absent and null are the same. */
export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(asJson(a), asJson(b));
}

function asJson(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.parse(JSON.stringify(value)) : (value ?? null);
}

const number = (value: number | null | undefined) => (value ? String(value) : "unlimited");

const seconds = (value: number | null) => (value === NEVER ? "unlimited" : String(value));

/** Where a living room differs from the settings that were given; what was not given, or is not reported, is not compared. */
export function differences(asked: Omit<RoomInput, "name">, room: Room): Difference[] {
  const found: Difference[] = [];
  const untold = (field: keyof Room) => room.untold?.includes(field) === true;
  if (
    asked.maxParticipants !== undefined &&
    !untold("maxParticipants") &&
    asked.maxParticipants !== room.maxParticipants
  ) {
    const text = `maxParticipants is ${number(room.maxParticipants)}, asked for ${number(asked.maxParticipants)}`;
    found.push({ field: "maxParticipants", text });
  }
  const timeout = asked.emptyTimeoutSeconds;
  if (
    timeout !== undefined &&
    ((!untold("emptyTimeoutSeconds") && timeout !== room.emptyTimeoutSeconds) ||
      (!untold("departureTimeoutSeconds") && timeout !== room.departureTimeoutSeconds))
  ) {
    const [empty, departure] = [seconds(room.emptyTimeoutSeconds), seconds(room.departureTimeoutSeconds)];
    const isOne = empty === departure || untold("departureTimeoutSeconds");
    const is = isOne ? empty : `${empty} before the first join and ${departure} after the last departure`;
    const text = `emptyTimeoutSeconds is ${is}, asked for ${seconds(timeout)}${isOne ? "" : " for both"}`;
    found.push({ field: "emptyTimeoutSeconds", text });
  }
  if (asked.metadata !== undefined && !untold("metadata") && !same(asked.metadata, room.metadata)) {
    found.push({ field: "metadata", text: "metadata is another" });
  }
  return found;
}
