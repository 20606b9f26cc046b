import { z } from "zod";
import { type RecordedFile, type Recording, type RecordingStatus, STATUSES } from "../contract";
import { number, text, time } from "./remote-fields";
import { metadata } from "./remote-records";

const file = z.object({
  recording: text,
  location: text,
  url: text,
  filename: text,
  sizeBytes: number,
  durationSeconds: number,
  segments: number,
});

/** Reads a recording of a gateway; its room is empty where it is not reported. */
export const recordingSchema = z
  .object({
    recording: z.string().min(1),
    room: text,
    roomSid: text,
    status: z.string().transform(statusOf),
    layout: text,
    audioOnly: z.boolean().nullish().catch(undefined),
    outputUri: text,
    files: z.array(file).nullish().catch(undefined),
    startedAt: time,
    endedAt: time,
    durationSeconds: number,
    error: text,
    endedEarly: z.boolean().nullish().catch(undefined),
    metadata,
    unverified: z.boolean().nullish().catch(undefined),
  })
  .transform(({ recording, room: where, status, files, ...rest }): Recording => {
    const reported = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
    const written = (files ?? []).flatMap((one): RecordedFile[] => {
      const location = one.location ?? one.url ?? one.filename;
      if (!location) return [];
      const sizes = {
        sizeBytes: one.sizeBytes ?? undefined,
        durationSeconds: one.durationSeconds ?? undefined,
        segments: one.segments ?? undefined,
      };
      const known = Object.entries(sizes).filter(([, value]) => value !== undefined);
      return [{ recording: one.recording ?? recording, location, ...Object.fromEntries(known) }];
    });
    return {
      ...{ recording, room: where ?? "", status },
      ...Object.fromEntries(reported),
      ...(written.length > 0 ? { files: written } : {}),
    };
  });

/** Reads the answer for a recording that has expired at the vendor: `{ ok: true }`. */
export const expiredSchema = z.object({ ok: z.literal(true) }).transform(() => undefined);

/** LiveKit's statuses, with or without the prefix of its API. An unknown one counts as active. */
function statusOf(status: string): RecordingStatus {
  const name = status.toLowerCase().replace(/^egress_/, "");
  if (/^(completed|stopped|finished)$/.test(name)) return "complete";
  return STATUSES.find((one) => one === name) ?? "active";
}
