import { expect, inject, test } from "vitest";
import {
  keep,
  keptOrigin,
  keptVersions,
  type Moment,
  shapeOf,
  storedState,
  thisVersion,
  withoutPlaces,
  worldOf,
} from "../support/kept-states.ts";
import { activate, expectStatus, leave, storedId } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import type { State } from "../support/stack-types.ts";

/** Set to replace the kept states of this version, which is right until it is released. */
const KEEPING = process.env["KEEP_STATES"] === "true";

test("The stored states of this version have the shape that its code writes", async ({ task }) => {
  const version = thisVersion();
  expect(keptVersions()).toContain(version);
  const { server, stack } = await worldOf(version);
  const written: Partial<Record<Moment, State>> = {};
  const write = async (moment: Moment) => {
    written[moment] = withoutPlaces(stack.state(), inject("scratch"));
  };

  // Two rooms, a recording that waits for a publisher, and one that has ended with its file.
  await stack.up();
  const standup = await storedId(stack, "standup");
  const alice = await activate(server, "standup", standup);
  await server.recordings.stopEgress(standup);
  await expectStatus(server, standup, "EGRESS_COMPLETE");
  await leave(server, "standup", alice);
  await stack.refresh();
  await write("state");

  // An old token brings a room back, and a recorder dies.
  await server.service.deleteRoom("standup");
  await server.service.createRoom({ name: "standup" });
  const interview = await storedId(stack, "interview");
  await server.egress.killRecorder(interview);
  await expectStatus(server, interview, "EGRESS_FAILED");
  await stack.refresh();
  await write("refreshed");

  for (const [moment, state] of Object.entries(written) as [Moment, State][]) {
    if (KEEPING) keep(version, moment, state);
    const kept = JSON.parse(storedState(version, moment)) as State;
    expect(shapeOf(state), moment).toEqual(shapeOf(kept));
  }
  if (KEEPING) keep(version, "origin", { ...keptOrigin(version), url: server.url });
  const resources = Object.values(written).flatMap(({ deployment }) => deployment.resources);
  report(task, {
    promise: "The stored states of this version, for upgrade tests, have the shape that its code writes",
    figure: `${resources.length} resources in ${Object.keys(written).length} states of ${version}`,
  });
});
