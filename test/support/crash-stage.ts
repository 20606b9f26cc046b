import { isDeepStrictEqual } from "node:util";
import { EgressStatus, EncodedFileOutput } from "livekit-server-sdk";
import type { Scene } from "./crash-scenes.ts";
import { type LivekitServer, startLivekit } from "./livekit.ts";
import { activate, bareId, egressesOf, leave, nameOf, recordersIn } from "./recordings.ts";
import type { State } from "./stack-types.ts";
import { roomsOf } from "./world.ts";

/** A server on which a room and a recording of somebody else stand. */
export interface Stage {
  server: LivekitServer;
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
    theirs: async () => ({
      room: (await roomsOf(server))["theirs"],
      recordings: (await egressesOf(server, "theirs")).map((egress) => egress.toJson()),
    }),
  };
}

/** How a room and its recordings are after a scene. */
export interface End {
  room: { maxParticipants: number; metadata: object } | undefined;
  /** The states of its recordings, past ones too. */
  recordings: string[];
  /** What the recorder was last told to show; undefined where it was told nothing. */
  layout: string | undefined;
  /** Whether the state has this very room, and the recording that runs, and no other. */
  remembered: { room: boolean; recording: boolean };
  /** Where the name of each file can be read: in the state, or else in the output of a run. */
  files: ("state" | "output" | "nowhere")[];
}

/** How it is; `said` is what the runs have said. */
export async function endOf({ server }: Stage, name: string, state: State, said: string): Promise<End> {
  const room = (await roomsOf(server))[name];
  const egresses = await egressesOf(server, name);
  const [recorder] = await recordersIn(server, name);
  const running = egresses.filter(({ status }) => status <= EgressStatus.EGRESS_ACTIVE);
  const results = egresses.flatMap(({ fileResults }) => fileResults.map(({ location }) => location));
  const files = results.filter((location) => location !== ""); // not finished
  const ours = (state.deployment.resources ?? []).filter(({ urn }) => urn.endsWith(`::${name}`));
  const ids = (type: string, output: string) =>
    ours.filter((one) => one.type.endsWith(type)).map(({ outputs }) => String(outputs[output]));
  const known = JSON.stringify(ours);
  return {
    room: room && { maxParticipants: room.maxParticipants, metadata: room.metadata },
    recordings: egresses.map(({ status }) => nameOf(status)).sort(),
    layout: recorder?.metadata || undefined,
    remembered: {
      room: isDeepStrictEqual(ids("RtcRoom", "sid"), room ? [room.sid] : []),
      recording: isDeepStrictEqual(
        ids("RtcRecording", "recording").map(bareId),
        running.map(({ egressId }) => egressId),
      ),
    },
    files: files.map((file) => (known.includes(file) ? "state" : said.includes(file) ? "output" : "nowhere")),
  };
}

/** How it must be. */
export function wantedEnd({ after, before, filmed, ended, recordings }: Scene): End {
  const layout = after?.recording?.layout;
  return {
    room: after && {
      maxParticipants: after.room.maxParticipants ?? 0,
      metadata: after.room.metadata ?? {},
    },
    recordings: [...recordings],
    layout: layout === before?.recording?.layout ? undefined : JSON.stringify({ layout }),
    remembered: { room: true, recording: true },
    // A recording that is started again keeps its files; one that is stopped or replaced leaves the state.
    files: filmed ? [ended ? "state" : "output"] : [],
  };
}
