import type { RecordingManifestInput, RoomResourceInput } from "../contract/types";

/** Resource options of a declaration. */
interface Declaration {
  /** Reject its deletion until this is removed. */
  protect?: boolean | undefined;
}

/** A room as a manifest declares it. */
export type DeclaredRoom = RoomResourceInput & Declaration;
/** A recording as a manifest declares it. */
export type DeclaredRecording = RecordingManifestInput & Declaration;

/** The declarations of a manifest. */
export interface Manifest {
  project: string;
  /** By resource name. */
  rooms: Record<string, DeclaredRoom>;
  /** By resource name; each of a room above. */
  recordings: Record<string, DeclaredRecording>;
}
