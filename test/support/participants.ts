import type { AudioFrame, AudioSource, LocalTrackPublication, Room } from "@livekit/rtc-node" with {
  "resolution-mode": "import",
};
import { atEndOfFile } from "./cleanup.ts";

/** A real participant. */
export interface Person {
  readonly identity: string;
  readonly room: Room;
  /** Resolves with the reason when the server has ended the connection; by `leave` too. */
  readonly disconnected: Promise<void>;
  leave(): Promise<void>;
  /** Publishes a track of silence until `leave`. The server lists it once the first packets have arrived. */
  publishAudio(): Promise<LocalTrackPublication>;
  /** Takes the track back, and stays: a track costs three times the processor time of its participant. */
  unpublish(): Promise<void>;
}

let loaded: ReturnType<typeof load> | undefined;

async function load() {
  const mode = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production"; // read once, on load; anything else logs at debug level
  const rtc = await import("@livekit/rtc-node");
  process.env["NODE_ENV"] = mode;
  atEndOfFile(rtc.dispose); // first in, so it runs after all participants have left
  return rtc;
}

/** Joins the room of the token, as a browser would, and leaves at the end of the test file at the latest. */
export async function join(url: string, token: string): Promise<Person> {
  loaded ??= load();
  const rtc = await loaded;
  const room = new rtc.Room();
  const disconnected = new Promise<void>((resolve) => room.once(rtc.RoomEvent.Disconnected, () => resolve()));
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const identity = room.localParticipant?.identity ?? "";
  let stopPlaying: (() => Promise<void>) | undefined;
  let published: LocalTrackPublication | undefined;
  const person: Person = {
    identity,
    room,
    disconnected,
    leave: async () => {
      await stopPlaying?.();
      stopPlaying = undefined;
      await room.disconnect();
    },
    unpublish: async () => {
      if (published?.sid) await room.localParticipant?.unpublishTrack(published.sid);
      published = undefined;
      await stopPlaying?.();
      stopPlaying = undefined;
    },
    publishAudio: async () => {
      const participant = room.localParticipant;
      if (participant === undefined) throw new Error("Not in a room.");
      const source = new rtc.AudioSource(48_000, 1);
      const track = rtc.LocalAudioTrack.createAudioTrack("silence", source);
      const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
      published = await participant.publishTrack(track, options);
      stopPlaying = playSilence(source, new rtc.AudioFrame(new Int16Array(4_800), 48_000, 1, 4_800));
      return published;
    },
  };
  atEndOfFile(person.leave);
  return person;
}

/** Feeds the source until the function that is returned is called; it waits for the last frame to be taken. */
function playSilence(source: AudioSource, frame: AudioFrame): () => Promise<void> {
  let playing = true;
  const played = (async () => {
    while (playing) await source.captureFrame(frame); // returns when the source has room for more
  })();
  return async () => {
    playing = false;
    await played;
    await source.close();
  };
}
