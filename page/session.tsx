import {
  ConnectionStateToast,
  DisconnectButton,
  LiveKitRoom,
  ParticipantTile,
  RoomAudioRenderer,
  StartAudio,
  TrackLoop,
  TrackToggle,
  useTracks,
} from "@livekit/components-react";
import { DisconnectReason, type RoomOptions, Track } from "livekit-client";
import { useCallback, useState } from "react";
import { Foreign } from "./text";

/** A participant of this page in a room. */
export interface Joined {
  id: string;
  roomName: string;
  identity: string;
  token: string;
  serverUrl: string;
  /** What the token does not carry. */
  warnings: string[];
  audio: boolean;
  video: boolean;
}

const OPTIONS: RoomOptions = { adaptiveStream: true, dynacast: true };
/** A joined room: the pictures and the sound of its participants, and the devices of this one. */
export function Session({
  joined,
  onLeft,
}: {
  joined: Joined;
  /** Gets a sentence where the server has ended the connection, or there was none. */
  onLeft: (ending: string | undefined) => void;
}) {
  const { roomName, identity, token, serverUrl, warnings, audio, video } = joined;
  const [trouble, setTrouble] = useState<string>();
  const ended = (reason?: DisconnectReason) => {
    const isOwn = reason === undefined || reason === DisconnectReason.CLIENT_INITIATED;
    const words = isOwn ? "" : DisconnectReason[reason].toLowerCase().replaceAll("_", " ");
    onLeft(isOwn ? undefined : `${identity} is no longer in ${roomName}: ${words}.`);
  };
  const failed = (error: Error) => setTrouble(error.message);
  const noDevice = useCallback(
    (reason?: string) => setTrouble(`The browser has no camera or microphone for this page (${reason}).`),
    [],
  );
  return (
    <section className="session" aria-label={`${roomName} as ${identity}`}>
      <h2>
        <Foreign text={roomName} /> <small>as</small> <Foreign text={identity} />
      </h2>
      {[...warnings, ...(trouble === undefined ? [] : [trouble])].map((text) => (
        <p key={text} className="note" role="status">
          <Foreign text={text} />
        </p>
      ))}
      <LiveKitRoom
        data-lk-theme="default"
        serverUrl={serverUrl}
        token={token}
        audio={audio}
        video={video}
        options={OPTIONS}
        onDisconnected={ended}
        onError={failed}
        onMediaDeviceFailure={noDevice}
      >
        <Stage />
        <RoomAudioRenderer />
        <ConnectionStateToast />
        <div className="lk-control-bar">
          <TrackToggle source={Track.Source.Microphone} onDeviceError={failed}>
            Microphone
          </TrackToggle>
          <TrackToggle source={Track.Source.Camera} onDeviceError={failed}>
            Camera
          </TrackToggle>
          <TrackToggle source={Track.Source.ScreenShare} onDeviceError={failed}>
            Share screen
          </TrackToggle>
          <StartAudio label="Allow sound" />
          <DisconnectButton>Leave</DisconnectButton>
        </div>
      </LiveKitRoom>
    </section>
  );
}

function Stage() {
  const tracks = useTracks(
    [
      { source: Track.Source.Camera, withPlaceholder: true },
      { source: Track.Source.ScreenShare, withPlaceholder: false },
    ],
    { onlySubscribed: false },
  );
  return (
    // Not LiveKit's grid: the buttons with which it turns its pages have no names.
    <div className="tiles">
      <TrackLoop tracks={tracks}>
        <ParticipantTile />
      </TrackLoop>
    </div>
  );
}
