import type { RecordingManifestInput, RoomResourceInput } from "../contract/types";

/** How a resource is declared beside its inputs. */
interface Declaration {
  /** Refuse to delete it until this is taken away. */
  protect?: boolean | undefined;
}

/** A room as a manifest declares it. */
export type DeclaredRoom = RoomResourceInput & Declaration;
/** A recording as a manifest declares it. */
export type DeclaredRecording = RecordingManifestInput & Declaration;

/** What a manifest declares. */
export interface Manifest {
  project: string;
  /** By resource name. */
  rooms: Record<string, DeclaredRoom>;
  /** By resource name; each of a room above. */
  recordings: Record<string, DeclaredRecording>;
}
