import { isDeepStrictEqual } from "node:util";
import { type EgressInfo, EgressStatus, EncodedFileOutput } from "livekit-server-sdk";
import { expect, vi } from "vitest";
import { DEFAULT_LAYOUT } from "../../src/contract/index.ts";
import { losesStart, type Point } from "./crash-points.ts";
import { resourceOf } from "./crash-scenes.ts";
import { type LivekitServer, startLivekit } from "./livekit.ts";
import { startProxy } from "./proxy.ts";
import { activate, bareId, egressesOf, leave, nameOf, POLL_OPTIONS, recordersIn } from "./recordings.ts";
import type { State } from "./stack-types.ts";
import { isCoreOnly } from "./through.ts";
import { roomsOf } from "./world.ts";

/** A server with a room and a recording of another owner. */
export interface Stage {
  server: LivekitServer;
  /** What a stack needs to use it, with a recording template that follows a changed layout. */
  env: Readonly<Record<string, string>>;
  /** What is not ours, as the server has it. */
  theirs(): Promise<object>;
}

/** Starts the server, and what is not ours. */
export async function newStage(): Promise<Stage> {
  const server = await startLivekit({ egress: "worker" });
  const metadata = JSON.stringify({ $owner: "0123456789ab-0123456789ab" });
  await server.service.createRoom({ name: "theirs", emptyTimeout: 3_600, departureTimeout: 3_600, metadata });
  const file = new EncodedFileOutput({ filepath: "out/theirs.ogg" });
  const { egressId } = await server.recordings.startRoomCompositeEgress(
    "theirs",
    { file },
    { audioOnly: true },
  );
  await leave(server, "theirs", await activate(server, "theirs", egressId));
  return {
    server,
    env: await server.envWith({ RTC_LIVEKIT_CUSTOM_TEMPLATE: "true", RTC_RECORDING_OUTPUT: "out/" }),
    theirs: async () => ({
      room: (await roomsOf(server))["theirs"],
      recordings: (await egressesOf(server, "theirs")).map((egress) => egress.toJson()),
    }),
  };
}

/** A proxy in front of what the stacks call, be it the server or a gateway, and what a stack needs to go through it. */
export async function startProxyOf({ server: { url }, env }: Pick<Stage, "server" | "env">) {
  const endpoint = env["RTC_ENDPOINT"];
  const proxy = await startProxy(endpoint ?? url);
  return { proxy, env: { ...env, [endpoint ? "RTC_ENDPOINT" : "LIVEKIT_URL"]: proxy.url } };
}

/** How a room and its recordings are after a scene. */
export interface End {
  room: { maxParticipants: number; metadata: object } | undefined;
  /** The states of its recordings, past ones too. */
  recordings: string[];
  /** The last layout that the recorder received; undefined without a recorder. */
  layout: string | undefined;
  /** Whether the state has this very room, and at most one recording, which runs. */
  stored: { room: boolean; recording: boolean };
  /** The running recordings that are in no state, and whether the output of a run reports that there may be some. */
  orphans: ("reported" | "unreported")[];
  /** Where each file can be read of: its name in the state, or else in the output of a run, or its recording's there. */
  files: ("state" | "output" | "its recording in the output" | "nowhere")[];
}

/** Its situation; `output` is that of the runs. */
export async function endOf({ server }: Stage, name: string, state: State, output: string): Promise<End> {
  // Who stops a recording through core capabilities only cannot wait for its end.
  if (isCoreOnly)
    await vi.waitFor(async () => expect(await endingIn(server, name)).toEqual([]), POLL_OPTIONS);
  const room = (await roomsOf(server))[name];
  const egresses = await egressesOf(server, name);
  const running = egresses.filter(({ status }) => status <= EgressStatus.EGRESS_ACTIVE);
  const isOurs = (urn: string) => [name, resourceOf(name, { room: {}, renamed: true })].includes(nameIn(urn));
  const ours = (state.deployment.resources ?? []).filter(({ urn }) => isOurs(urn));
  const ids = (type: string, output: string) =>
    ours.filter((one) => one.type.endsWith(type)).map(({ outputs }) => String(outputs[output]));
  const known = JSON.stringify(ours);
  const recordings = ids("RtcRecording", "recording").map(bareId);
  const [own, ...others] = running.filter(({ egressId }) => recordings.includes(egressId));
  // The room's own recording is in no state.
  const isRoomsOwn = ({ roomId }: EgressInfo) =>
    roomId === room?.sid && ours.some(({ inputs }) => inputs["enableRecording"] === true);
  const orphans = running.filter((one) => !recordings.includes(one.egressId) && !isRoomsOwn(one));
  return {
    room: room && { maxParticipants: room.maxParticipants, metadata: room.metadata },
    recordings: egresses.map(({ status }) => nameOf(status)).sort(),
    layout: own && (await layoutOf(server, name, own)),
    stored: {
      room: isDeepStrictEqual(ids("RtcRoom", "sid"), room ? [room.sid] : []),
      recording: others.length === 0 && recordings.length === (own ? 1 : 0),
    },
    orphans: orphans.map(() => (output.includes("has orphaned cannot be found") ? "reported" : "unreported")),
    files: egresses.flatMap(({ egressId, fileResults }) =>
      fileResults
        .filter(({ location }) => location !== "") // not finished
        .map(({ location }) => {
          if (known.includes(location)) return "state";
          if (output.includes(location)) return "output";
          return output.includes(egressId) ? "its recording in the output" : "nowhere";
        }),
    ),
  };
}

function nameIn(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

async function endingIn(server: LivekitServer, room: string): Promise<string[]> {
  const all = await egressesOf(server, room);
  return all.filter(({ status }) => status === EgressStatus.EGRESS_ENDING).map(({ egressId }) => egressId);
}

/** The layout that a recorder was started with, or has received since. */
async function layoutOf(
  server: LivekitServer,
  room: string,
  { egressId, request }: EgressInfo,
): Promise<string> {
  const recorder = (await recordersIn(server, room)).find(({ identity }) => identity === egressId);
  const started = (request.case === "roomComposite" && request.value.layout) || DEFAULT_LAYOUT;
  return recorder?.metadata ? (JSON.parse(recorder.metadata) as { layout: string }).layout : started;
}

/** How it must be. */
export function wantedEnd(point: Point): End {
  const { after, filmed, ended, recordings } = point.scene;
  // Through core capabilities only no run can search for a recording, so that one is lost when the answer to its start is.
  const isLost = isCoreOnly && losesStart(point);
  // A restarted one retains its files; one that is stopped or replaced leaves the state.
  const file = ended ? "state" : isCoreOnly ? "its recording in the output" : "output";
  return {
    room: after && {
      maxParticipants: after.room.maxParticipants ?? 0,
      metadata: after.room.metadata ?? {},
    },
    recordings: [...recordings, ...(isLost ? ["EGRESS_STARTING"] : [])],
    layout: after?.recording && (after.recording.layout ?? DEFAULT_LAYOUT),
    stored: { room: true, recording: true },
    orphans: isLost ? ["reported"] : [],
    files: filmed ? [file] : [],
  };
}
