import { type ErrorCode, RtcError } from "../contract";

/** What was observed of something that a vendor or a gateway may have. */
export type Observed<Value> =
  /** It exists, with these values. */
  | { is: "known"; value: Value }
  /** It does not exist; an on-demand room of which a gateway has no record may have participants all the same. */
  | { is: "absent"; mayBeOccupied?: true }
  /** It may exist: it cannot be observed, or only in part. */
  | { is: "unobservable"; reason: string; part?: Value };

/** Why something must not be done now. */
export interface PreconditionFailure {
  code: ErrorCode;
  message: string;
  vendor?: string;
}

/** What to do, as data: a decision makes no call and reads no clock and no memory. */
export interface Decision<Action extends string> {
  action: Action;
  /** The inputs for which it replaces. */
  replaces: string[];
  /** Why, for a preview. */
  reasons: string[];
  /** What the user should know, which stops nothing. */
  warnings: string[];
  /** Why it must not be done. Nothing has been touched then. */
  failures: PreconditionFailure[];
}

/** A decision for an action. */
export function decide<Action extends string>(
  action: Action,
  rest: Partial<Omit<Decision<Action>, "action">> = {},
): Decision<Action> {
  return { action, replaces: [], reasons: [], warnings: [], failures: [], ...rest };
}

/** What a preview reports of a precondition that failed: `rtc preview` finds it by its beginning. */
export function rejection({ message }: { message: string }): string {
  return `${REJECTION}${message}`;
}

/** How the message of a {@link rejection} begins. */
export const REJECTION = "up will reject this: ";

/** The error of a precondition that failed. */
export function errorOf({ code, message, vendor }: PreconditionFailure): RtcError {
  return new RtcError(code, message, vendor === undefined ? {} : { vendor });
}

/** @throws the first precondition that failed, if one did */
export function assertAllowed({ failures: [failure] }: Pick<Decision<string>, "failures">): void {
  if (failure) throw errorOf(failure);
}
