import {
  type Ability,
  type Capability,
  can,
  cannot,
  DECLARED_SETTINGS,
  RtcError,
  type VendorAdapter,
} from "../../contract";
import { type App, ZegoApi } from "./api";
import { describeKey, type ZegoConfig, zegoConfig } from "./config";
import { ZegoRooms } from "./rooms";
import { badName, issueToken, UNENFORCED } from "./token";

const SECRET = /^[\x21-\x7e]{32}$/;

/** ZEGO's regional hosts of its server API. */
const REGIONS = ["sha", "hkg", "fra", "lax", "bom", "sgp"];

const unrecorded = cannot(
  "recordings are made by LiveKit Egress, of rooms on LiveKit; ZEGO's Cloud Recording is a service of its own, which is not used",
);

const abilities: Record<Capability, Ability> = {
  "rtc.room.create": can,
  "rtc.room.get": can,
  "rtc.room.list": cannot(
    "ZEGO lists rooms only where its support team has activated that: a room can be got by its name",
  ),
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

/** ZEGO through its server API and token04: one app with on-demand rooms. */
export const zego = { config: zegoConfig, adapter };

function adapter(config: ZegoConfig): VendorAdapter {
  const { zegoAppId: appId, zegoServerSecret: serverSecret, zegoTokenFormat: format = "cbc" } = config;
  const open = new Map<string | null, Open>();

  function missing(region: string | null): string | undefined {
    if (region !== null && !REGIONS.includes(region)) return `there is no region ${region}`;
    const absent = REQUIRED.filter((key) => !config[key]);
    if (absent.length > 0)
      return `${absent.map(describeKey).join(", ")} ${absent.length === 1 ? "is" : "are"} not set`;
    return SECRET.test(serverSecret ?? "")
      ? undefined
      : `${describeKey("zegoServerSecret")} is not ZEGO's ServerSecret, which has 32 characters`;
  }

  function apiAddress(region: string | null): string {
    return config.zegoBaseUrl ?? `https://rtc-api${region === null ? "" : `-${region}`}.zego.im`;
  }

  function at(region: string | null): Open {
    const known = open.get(region);
    if (known) return known;
    const reason = missing(region);
    if (reason || appId === undefined || serverSecret === undefined)
      throw new RtcError("NOT_CONFIGURED", `zego: ${reason}`, { vendor: "zego" });
    const app = { appId, serverSecret };
    const opened = { app, rooms: new ZegoRooms(new ZegoApi(app, apiAddress(region)), appId) };
    open.set(region, opened);
    return opened;
  }

  return {
    vendor: "zego",
    abilities,
    issuesTokensByCall: false,
    caveats: [UNENFORCED],
    changesInPlace: [...DECLARED_SETTINGS, "enableRecording", "adopt", "forceDestroy"],
    regions: () => REGIONS,
    // Every host serves the rooms of the whole app.
    deployments: () => [null],
    missing,
    badSettings: () => ({}),
    roomWarnings: ({ maxParticipants }) =>
      maxParticipants === undefined
        ? []
        : ["maxParticipants is not enforced: at ZEGO each client gives a limit of its own when it logs in"],
    badName,
    endpoint: (region) => String(at(region).app.appId),
    apiAddress,
    secrets: () => (serverSecret === undefined ? [] : [serverSecret]),
    getRoom: async (place) => at(place.region).rooms.get(place),
    listRooms: async (region, names) => {
      const { rooms } = at(region);
      if (names === undefined) throw unsupported("rtc.room.list");
      return rooms.list(region, names);
    },
    createRoom: async (spec) => {
      const { rooms } = at(spec.region);
      if (spec.recording) throw unsupported("rtc.recording.start");
      return rooms.record(spec, spec);
    },
    updateRoom: async (place, metadata, owner) => at(place.region).rooms.record(place, { metadata, owner }),
    deleteRoom: async (place) => at(place.region).rooms.delete(place),
    listParticipants: async (place) => at(place.region).rooms.participants(place),
    kickParticipant: async (place, identity) => at(place.region).rooms.kick(place, identity),
    issueToken: async (spec) => issueToken(at(spec.region).app, format, spec),
  };
}

/** The app, through one of the hosts. */
interface Open {
  app: App;
  rooms: ZegoRooms;
}

const REQUIRED = ["zegoAppId", "zegoServerSecret"] as const satisfies readonly (keyof ZegoConfig)[];

function unsupported(capability: Capability): RtcError {
  const ability = abilities[capability];
  const reason = ability.can ? "" : `: ${ability.reason}`;
  return new RtcError("UNSUPPORTED", `zego cannot ${capability}${reason}`, {
    vendor: "zego",
    operation: capability,
  });
}
