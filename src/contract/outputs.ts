import { z } from "zod";
import { about } from "./fields";
import { fileRecord, recordingRecord, roomRecord } from "./records";

/** The outputs of the resources beside their inputs, declared once. What is not known is absent. */

const schemaVersion = about(z.number(), "The version of the outputs' shape.");
const described = (field: z.ZodType) => field.description ?? "";

/** Outputs of the RtcRoom resource beside its inputs. */
export const roomResourceOutput = z.object({
  room: about(
    z.string(),
    "The room id, also the Pulumi id: `vendor:name`, with a region `vendor@region:name`.",
  ),
  endpoint: about(
    z.string(),
    "The normalised address of the vendor's deployment, the id of the app, or the address of the gateway.",
  ),
  owner: about(z.string().optional(), "The ownership tag that the room carries, if it carries one."),
  sid: about(z.string().optional(), described(roomRecord.shape.sid)),
  createdAt: about(z.string().optional(), described(roomRecord.shape.createdAt)),
  vendorSettings: about(
    z.object({
      maxParticipants: z.number().optional(),
      emptyTimeoutSeconds: z.number().optional(),
      departureTimeoutSeconds: z.number().optional(),
    }),
    "The limits as the vendor answered them when the room was created or adopted: a server may cap or fill in what was asked, and drift is measured against them. 4294967295 seconds: it does not close by itself.",
  ),
  schemaVersion,
});

const { status, error, endedEarly } = recordingRecord.shape;

/** Outputs of the RtcRecording resource beside its inputs. */
export const recordingResourceOutput = z.object({
  recording: about(z.string(), "The recording id: `vendor:` and the vendor's own id. A restart has another."),
  status: about(status, `${described(status)} As of the last refresh.`),
  startedAt: about(z.string().optional(), described(recordingRecord.shape.startedAt)),
  endedAt: about(z.string().optional(), described(recordingRecord.shape.endedAt)),
  durationSeconds: about(z.number().optional(), described(recordingRecord.shape.durationSeconds)),
  files: about(
    z
      .array(
        z.object({ ...fileRecord.shape, sizeBytes: z.number().optional(), segments: z.number().optional() }),
      )
      .optional(),
    "The finished files of this and of earlier starts.",
  ),
  error,
  endedEarly,
  unverified: about(
    z.boolean().optional(),
    "True where a gateway does not report recordings: the status is the one at the start.",
  ),
  endpoint: about(z.string(), "The normalised address of the vendor's deployment, or of the gateway."),
  schemaVersion,
});
