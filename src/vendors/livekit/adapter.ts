import {
  type Ability,
  bytes,
  type Capability,
  type CoreConfig,
  can,
  RtcError,
  type VendorAdapter,
} from "../../contract";
import { type Deployment, LivekitApi, sdk, urlProblem } from "./api";
import { describeKey, type LivekitConfig, livekitConfig } from "./config";
import { LivekitRecordings, storageSecrets } from "./recordings";
import { LivekitRooms } from "./rooms";
import { issueToken } from "./token";
import { receiveWebhook } from "./webhooks";

const NAME_BYTES = 256;

const abilities: Record<Capability, Ability> = {
  "rtc.room.create": can,
  "rtc.room.get": can,
  "rtc.room.list": can,
  "rtc.room.update": can,
  "rtc.room.delete": can,
  "rtc.token.issue": can,
  "rtc.participant.list": can,
  "rtc.participant.kick": can,
  "rtc.recording.start": can,
  "rtc.recording.stop": can,
  "rtc.recording.get": can,
  "rtc.recording.list": can,
  "rtc.recording.update": can,
};

/**
 * The server accepts a new layout in any case, but LiveKit's own recording template reads it once, when it starts (observed
 * with egress 1.10.0 and 1.14.1).
 */
const KEEPS_LAYOUT = `LiveKit's own recording template keeps the layout that it started with; set ${describeKey("livekitCustomTemplate")} to true where the egress worker has a custom template that follows changes`;

/** LiveKit through livekit-server-sdk: self-hosted servers and LiveKit Cloud, one deployment for each region. */
export const livekit = { config: livekitConfig, adapter };

function adapter(config: LivekitConfig & CoreConfig): VendorAdapter {
  const deployments = new Map<string | null, Partial<Deployment>>(
    Object.entries(config.livekitRegions ?? {}),
  );
  deployments.set(null, {
    url: config.livekitUrl,
    apiKey: config.livekitApiKey,
    apiSecret: config.livekitApiSecret,
  });
  const open = new Map<string | null, Open>();
  const storage = storageSecrets(config);

  function missing(region: string | null): string | undefined {
    const found = deployments.get(region);
    if (!found) return `there is no deployment ${region}`;
    if (region === null) {
      const absent = REQUIRED.filter((key) => !config[key]);
      if (absent.length > 0)
        return `${absent.map(describeKey).join(", ")} ${absent.length === 1 ? "is" : "are"} not set`;
    }
    const problem = urlProblem(found.url);
    return (
      problem && `${region === null ? describeKey("livekitUrl") : `livekitRegions.${region}.url`} ${problem}`
    );
  }

  function at(region: string | null) {
    const known = open.get(region);
    if (known) return known;
    const reason = missing(region);
    if (reason) throw new RtcError("NOT_CONFIGURED", `livekit: ${reason}`, { vendor: "livekit" });
    const deployment = deployments.get(region) as Deployment;
    const api = new LivekitApi(deployment, storage);
    const recordings = new LivekitRecordings(api, region, config);
    const opened = { deployment, api, rooms: new LivekitRooms(api, region, config), recordings };
    open.set(region, opened);
    return opened;
  }

  return {
    vendor: "livekit",
    abilities,
    persistentRooms: {
      revivedByJoin: true,
      revivesAt: async (region) => at(region).rooms.areRevivedByJoin(),
      tagPlace: "the room's metadata, under the key `$owner`",
      metadataPlace: "the room's metadata",
      lifetimeSeconds: null,
    },
    issuesTokensByCall: false,
    caveats: [],
    changesInPlace: ["metadata"],
    regions: () => Object.keys(config.livekitRegions ?? {}),
    deployments: () => [null, ...Object.keys(config.livekitRegions ?? {})],
    missing: (region, capability) =>
      missing(region) ??
      (capability === "rtc.recording.update" && !config.livekitCustomTemplate ? KEEPS_LAYOUT : undefined),
    badName: (name) =>
      bytes(name) > NAME_BYTES || name.includes("\0")
        ? `a name has at most ${NAME_BYTES} bytes and no NUL`
        : undefined,
    endpoint: (region) => at(region).api.endpoint,
    secrets: () =>
      [...deployments.values()]
        .flatMap(({ apiKey, apiSecret }) => [apiKey, apiSecret])
        .concat(storage)
        .filter((secret) => secret !== undefined),
    load: () => void sdk(),
    badSettings: () => ({}),
    roomWarnings: ({ enableRecording }) => (enableRecording ? [FIRST_SESSION] : []),
    getRoom: async ({ region, name }, listed) => at(region).rooms.get(name, listed),
    listRooms: async (region, names) => at(region).rooms.list(names),
    createRoom: async (spec) => at(spec.region).rooms.create(spec),
    updateRoom: async ({ region, name }, metadata, owner) => at(region).rooms.update(name, metadata, owner),
    deleteRoom: async ({ region, name }) => at(region).rooms.delete(name),
    listParticipants: async ({ region, name }) => at(region).rooms.participants(name),
    kickParticipant: async ({ region, name }, identity) => at(region).rooms.kick(name, identity),
    recordings: {
      onlyWhileOccupied: false,
      stopsByRoom: false,
      badSettings: () => ({}),
      start: async (spec) => at(spec.region).recordings.start(spec),
      stop: async (region, id) => at(region).recordings.stop(id),
      get: async (region, id) => at(region).recordings.get(id),
      list: async (region, options) => at(region).recordings.list(options),
      update: async (region, id, layout) => at(region).recordings.update(id, layout),
    },
    webhooks: {
      receive: async (body, authorization) => {
        const configured = [...deployments.keys()].filter((region) => missing(region) === undefined);
        // Reports why the server without a region is not configured.
        if (configured.length === 0) at(null);
        return receiveWebhook(
          new Map(configured.map((one) => [one, at(one).deployment])),
          body,
          authorization,
        );
      },
    },
    issueToken: (spec) => issueToken(at, spec),
  };
}

/** A deployment in use. */
interface Open {
  deployment: Deployment;
  api: LivekitApi;
  rooms: LivekitRooms;
  recordings: LivekitRecordings;
}

const FIRST_SESSION =
  "enableRecording covers the room's first session only; an RtcRecording is kept as declared";

const REQUIRED = [
  "livekitUrl",
  "livekitApiKey",
  "livekitApiSecret",
] as const satisfies readonly (keyof LivekitConfig)[];
