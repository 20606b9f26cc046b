import {
  type Ability,
  type Capability,
  can,
  cannot,
  DECLARED_SETTINGS,
  RtcError,
  type VendorAdapter,
} from "../../contract";
import { AgoraApi, badName, baseUrlOf, basic, REGIONS } from "./api";
import { type AgoraConfig, agoraConfig, describeKey } from "./config";
import { AgoraRooms, record } from "./rooms";
import { issueToken, library, type Signer, UNENFORCED } from "./token";

const unrecorded = cannot(
  "recordings are made by LiveKit Egress, of rooms on LiveKit; Agora's Cloud Recording is a service of its own, which is not used",
);

const abilities: Record<Capability, Ability> = {
  "rtc.room.create": can,
  "rtc.room.get": can,
  "rtc.room.list": can,
  "rtc.room.update": can,
  "rtc.room.delete": can,
  "rtc.token.issue": can,
  "rtc.participant.list": can,
  "rtc.participant.kick": can,
  "rtc.recording.start": unrecorded,
  "rtc.recording.stop": unrecorded,
  "rtc.recording.get": unrecorded,
  "rtc.recording.list": unrecorded,
  "rtc.recording.update": unrecorded,
};

/** The keys that tokens need. */
const PROJECT = ["agoraAppId", "agoraAppCertificate"] as const satisfies readonly (keyof AgoraConfig)[];
/** The keys that the REST API also needs. */
const ACCOUNT = ["agoraCustomerId", "agoraCustomerSecret"] as const satisfies readonly (keyof AgoraConfig)[];
/** The capabilities that need the REST API. Only a forced delete does. */
const WITH_ACCOUNT: readonly Capability[] = ["rtc.room.list", "rtc.participant.list", "rtc.participant.kick"];

/**
 * Agora: tokens through agora-token, live channels through the REST API. Rooms are on demand: a channel begins with its
 * first participant and ends with its last.
 */
export const agora = { config: agoraConfig, adapter };

function adapter(config: AgoraConfig): VendorAdapter {
  const open = new Map<string | null, AgoraRooms>();
  const { agoraCustomerId: customerId, agoraCustomerSecret: customerSecret } = config;
  const secrets = [
    config.agoraAppCertificate,
    customerId,
    customerSecret,
    customerId && customerSecret && basic({ customerId, customerSecret }),
  ].filter((secret) => secret !== undefined);

  function withoutProject(region: string | null): string | undefined {
    if (region !== null && !REGIONS.includes(region)) return `there is no region ${region}`;
    const reasons = PROJECT.flatMap((key) => {
      const value = config[key];
      if (!value) return `${describeKey(key)} is not set`;
      return /^[0-9a-fA-F]{32}$/.test(value) ? [] : `${describeKey(key)} is not 32 hexadecimal digits`;
    });
    return reasons.length === 0 ? undefined : reasons.join("; ");
  }

  function withoutAccount(): string | undefined {
    const absent = ACCOUNT.filter((key) => !config[key]).map(describeKey);
    if (absent.length === 0) return undefined;
    return `${absent.join(", ")} ${absent.length === 1 ? "is" : "are"} not set, which Agora's REST API takes`;
  }

  /** The app. @throws NOT_CONFIGURED */
  function at(region: string | null): Signer {
    const reason = withoutProject(region);
    if (reason) throw new RtcError("NOT_CONFIGURED", `agora: ${reason}`, { vendor: "agora" });
    return { appId: config.agoraAppId ?? "", certificate: config.agoraAppCertificate ?? "" };
  }

  /** The live channels. @throws NOT_CONFIGURED */
  function live(region: string | null): AgoraRooms {
    const { appId } = at(region);
    const known = open.get(region);
    if (known) return known;
    if (!customerId || !customerSecret) {
      const message = `agora: ${withoutAccount()}`;
      throw new RtcError("NOT_CONFIGURED", message, { vendor: "agora" });
    }
    const access = { appId, customerId, customerSecret, baseUrl: config.agoraBaseUrl };
    const rooms = new AgoraRooms(new AgoraApi(access, region, secrets), appId, region);
    open.set(region, rooms);
    return rooms;
  }

  return {
    vendor: "agora",
    abilities,
    issuesTokensByCall: false,
    caveats: [UNENFORCED],
    changesInPlace: [...DECLARED_SETTINGS, "enableRecording", "adopt", "forceDestroy"],
    regions: () => [...REGIONS],
    deployments: () => [null],
    missing: (region, capability) =>
      withoutProject(region) ?? (WITH_ACCOUNT.includes(capability) ? withoutAccount() : undefined),
    badSettings: () => ({}),
    roomWarnings: ({ maxParticipants }) =>
      maxParticipants === undefined ? [] : ["maxParticipants is not enforced: Agora has no such limit"],
    badName,
    endpoint: (region) => at(region).appId,
    apiAddress: (region) => baseUrlOf(region, config.agoraBaseUrl),
    secrets: () => [...secrets],
    load: () => void library(),
    getRoom: async (place) => {
      const { appId } = at(place.region);
      return withoutAccount() ? record(appId, place) : live(place.region).get(place.name);
    },
    listRooms: async (region, names) => live(region).list(names),
    createRoom: async ({ recording, ...spec }) => {
      if (recording && !unrecorded.can) {
        const message = `agora: enableRecording: ${unrecorded.reason}`;
        throw new RtcError("UNSUPPORTED", message, { vendor: "agora" });
      }
      return record(at(spec.region).appId, spec, spec);
    },
    updateRoom: async (place, metadata, owner) => record(at(place.region).appId, place, { metadata, owner }),
    deleteRoom: async ({ region, name }) => live(region).close(name),
    listParticipants: async ({ region, name }) => live(region).participants(name),
    kickParticipant: async ({ region, name }, identity) => live(region).kick(name, identity),
    issueToken: async (spec) => issueToken(at(spec.region), spec),
  };
}
