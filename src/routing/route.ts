import type { RecordingSettings, VendorAdapter } from "../contract/adapter";
import { CAPABILITIES } from "../contract/capabilities";
import { type ErrorCode, RtcError } from "../contract/errors";
import { suggestion } from "../contract/parse";
import { DEFAULT_LAYOUT } from "../contract/recordings";
import type { RoomFields, RouteRequest } from "../contract/types";

/** A vendor, and whether it fits a request, whether or not it is the explicit one. */
export interface Candidate {
  vendor: string;
  fits: boolean;
  /** Why it does not fit, as an error code. */
  code?: ErrorCode;
  /** Why it does not fit, or its circuit breaker is open. */
  reason?: string;
  /** The part of the request that does not fit. */
  field?: "vendor" | "region" | "name" | keyof RoomFields | keyof RecordingSettings;
}

/** The choice, null where there is none, and every vendor in the configured order. */
export interface Route {
  vendor: string | null;
  /** An unknown explicit vendor comes last. */
  candidates: Candidate[];
}

/** The vendors that may be chosen, in the configured order. */
export interface Choice {
  adapters: readonly VendorAdapter[];
  /** Why a vendor is not to be used. */
  unused: ReadonlyMap<string, string>;
  /** The vendors that the configuration lists, or of which it sets a key. */
  mentioned?: ReadonlySet<string>;
  /** Why the circuit breaker of a vendor is open. */
  problem?(vendor: string, region: string | null): string | undefined;
}

/**
 * The explicit vendor, or without one the first in order that is configured, not disabled, has the capabilities and the
 * region, and can carry the name. For a new room, vendors with an open circuit breaker come last. The same request,
 * configuration and health give the same answer.
 */
export function explain(request: RouteRequest, choice: Choice): Route {
  const { vendor: explicit, region = null } = request;
  const candidates = choice.adapters.map((adapter) =>
    judge(request, adapter, choice.unused.get(adapter.vendor)),
  );
  if (explicit !== undefined) {
    const named = candidates.find(({ vendor }) => vendor === explicit);
    if (!named) candidates.push(unknownVendor(explicit, choice));
    return { vendor: named?.fits ? explicit : null, candidates };
  }
  const judged = request.needs.includes("rtc.room.create")
    ? candidates.map((candidate) => {
        const reason = candidate.fits ? choice.problem?.(candidate.vendor, region) : undefined;
        return reason === undefined ? candidate : { ...candidate, reason };
      })
    : candidates;
  const fitting = judged.filter(({ fits }) => fits);
  // Where all of them fail, the first one may have recovered.
  const chosen = fitting.find(({ reason }) => reason === undefined) ?? fitting[0];
  return { vendor: chosen?.vendor ?? null, candidates: judged };
}

/** Whether a vendor fits, without the reasons why others do not. */
export function fits(request: RouteRequest, adapter: VendorAdapter, { unused }: Choice): boolean {
  return judge(request, adapter, unused.get(adapter.vendor)).fits;
}

function unknownVendor(vendor: string, { adapters }: Choice): Candidate {
  const known = adapters.map((adapter) => adapter.vendor);
  const reason = `is not a vendor of this version${suggestion(vendor, known)}`;
  return { vendor, fits: false, code: "INVALID_ARGUMENT", reason, field: "vendor" };
}

/** Capabilities come first, since no key adds one. */
function judge(request: RouteRequest, adapter: VendorAdapter, unused: string | undefined): Candidate {
  const { vendor } = adapter;
  const no = (code: ErrorCode, reason: string): Candidate => ({ vendor, fits: false, code, reason });
  for (const capability of request.needs) {
    const ability = adapter.abilities[capability];
    if (!ability.can) return no("UNSUPPORTED", `cannot ${capability}: ${ability.reason}`);
  }
  if (unused !== undefined) return no("NOT_CONFIGURED", unused);
  const region = request.region ?? null;
  const missingAt = (location: string | null): string | undefined => {
    for (const capability of request.needs) {
      const reason = adapter.missing(location, capability);
      if (reason) return reason;
    }
    return undefined;
  };
  if (region !== null) {
    const absent = isConfigured(adapter) ? undefined : missingAt(null);
    if (absent) return no("NOT_CONFIGURED", absent);
    const regions = adapter.regions();
    if (!regions.includes(region)) {
      const reason = `has no region ${region}; there is ${regions.join(", ") || "none"}`;
      return { ...no("INVALID_ARGUMENT", reason), field: "region" };
    }
  }
  const missing = missingAt(region);
  if (missing) return no("NOT_CONFIGURED", missing);
  const bad = request.name === undefined ? undefined : adapter.badName(request.name);
  if (bad) return { ...no("INVALID_ARGUMENT", `cannot carry the name: ${bad}`), field: "name" };
  // Most requests ask for no settings: tokens, one for each join, among them.
  if (request.settings === undefined && request.recording === undefined) return { vendor, fits: true };
  const unheld = Object.entries(unheldSettings(adapter, request)) as [keyof RoomFields, string][];
  const [first] = unheld;
  if (!first) return { vendor, fits: true };
  const reason = unheld.map(([setting, why]) => `cannot hold ${setting}: ${why}`).join("; ");
  return { ...no("INVALID_ARGUMENT", reason), field: first[0] };
}

/** The settings that rooms or recordings of a vendor cannot have, each with the reason. */
function unheldSettings(
  adapter: VendorAdapter,
  { settings = {}, recording }: RouteRequest,
): Partial<Record<string, string>> {
  const hasNoPlace = adapter.persistentRooms?.metadataPlace === null && settings.metadata !== undefined;
  return {
    ...(hasNoPlace && { metadata: `rooms of ${adapter.vendor} have no place for it` }),
    ...adapter.badSettings(settings),
    ...(recording && unheldRecording(adapter, recording)),
  };
}

/** An address that is not named is the configured one, or is not known yet: it speaks against no vendor. */
function unheldRecording(
  { recordings }: VendorAdapter,
  recording: Partial<RecordingSettings>,
): Partial<Record<string, string>> {
  const { outputUri, ...unheld } = recordings?.badSettings({ ...DEFAULT_RECORDING, ...recording }) ?? {};
  const isNamed = recording.outputUri !== undefined && outputUri !== undefined;
  return isNamed ? { ...unheld, outputUri } : unheld;
}

/** A recording of which nothing is asked for. */
const DEFAULT_RECORDING: RecordingSettings = { layout: DEFAULT_LAYOUT, audioOnly: false, outputUri: "" };

/** Whether the configuration has anything for a vendor, whose missing keys then matter most. */
function isConfigured(adapter: VendorAdapter): boolean {
  const able = CAPABILITIES.filter((capability) => adapter.abilities[capability].can);
  return adapter
    .deployments()
    .some((region) => able.some((capability) => !adapter.missing(region, capability)));
}

/**
 * The error for a request that no vendor fits, or not the explicit one, with the reason of every vendor that matters. The
 * missing keys of one of which nothing is configured matter only where they would help.
 */
export function routeError(
  request: RouteRequest,
  { candidates }: Route,
  { adapters, mentioned, unused }: Choice,
): RtcError {
  const configured = new Set(adapters.filter(isConfigured).map(({ vendor }) => vendor));
  const explicit = candidates.find(({ vendor }) => vendor === request.vendor);
  const isMentioned = ({ vendor }: Candidate) => mentioned?.has(vendor) === true;
  const isKnown = (one: Candidate) => configured.has(one.vendor) || isMentioned(one);
  // What a key would repair comes before what no key does.
  const repairable = candidates.filter(
    ({ vendor, code: own }) => own !== "UNSUPPORTED" && !unused.has(vendor),
  );
  const main =
    explicit ??
    repairable.find(({ vendor }) => configured.has(vendor)) ??
    repairable.find(isMentioned) ??
    candidates.find(isKnown) ??
    candidates[0];
  if (!main) return new RtcError("NOT_CONFIGURED", "no vendor is configured");
  const { code = "NOT_CONFIGURED", field } = main;
  const describe = ({ vendor, fits, code: own, reason }: Candidate): string => {
    if (fits) return `${vendor}: fits`;
    const able = code === "UNSUPPORTED" && own !== "UNSUPPORTED";
    return `${vendor}: ${able ? "can, but " : ""}${reason}`;
  };
  // To a user who has a vendor no other is named, unless that one cannot do it.
  const isShown = (one: Candidate) =>
    one === main ||
    isKnown(one) ||
    code === "UNSUPPORTED" ||
    (one.code !== "NOT_CONFIGURED" && !isKnown(main));
  const first = explicit === undefined ? [] : [explicit];
  const shown = [...first, ...candidates.filter((one) => one !== explicit && isShown(one))];
  const hidden = candidates.filter((one) => !isShown(one)).map(({ vendor }) => vendor);
  // Where no vendor is chosen yet, the error lists them.
  const others =
    explicit === undefined && !isKnown(main) && hidden.length > 0
      ? `. No vendor is configured; "rtc vendors" lists the keys of ${hidden.join(" and ")} too`
      : "";
  const message = `${shown.map(describe).join("; ")}${others}`;
  return new RtcError(code, message, {
    vendor: request.vendor,
    issues: field && [{ path: field, message }],
  });
}
