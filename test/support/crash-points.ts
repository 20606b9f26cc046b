import type { Call } from "./calls.ts";
import { removes, type Scene } from "./crash-scenes.ts";
import type { Victim } from "./kill.ts";
import { bareId } from "./recordings.ts";
import { isThrough } from "./through.ts";

/** A room in a scene, where the run is stopped and something is killed. */
export interface Point {
  scene: Scene;
  /** The room's name, and its resources'. */
  name: string;
  /** Which of the calls that the run makes for this room, from 0. */
  call: number;
  method: string;
  /** Diff makes the call. */
  inDiff: boolean;
  /** Before the server has received the call, which then never arrives; or after it has acted, its answer lost. */
  when: "before" | "after";
  victim: Victim;
}

/** How many rooms a run holds at once: all must come to their points before the first call is given up. */
const AT_ONCE = 16;

/** The room that a call is about, if it is about one: it names it, or a recording that was started in it. */
export function roomOf({ body }: Call, traffic: readonly Call[]): string | undefined {
  const { name, room, roomName, names, egressId, recording = egressId } = JSON.parse(body) as Asked;
  if (recording === undefined) return bareId(name ?? room ?? roomName ?? names?.[0] ?? "") || undefined;
  const start = traffic.find(
    ({ method, answer }) => STARTS.has(method) && answer?.includes(bareId(recording)),
  );
  return start && roomOf(start, traffic);
}

/** What starts a recording, at the vendor and at a gateway. */
const STARTS: ReadonlySet<string> = new Set(["StartRoomCompositeEgress", "recording.start"]);

/** How calls name what they are about, at the vendor and at a gateway: there by id too. */
interface Asked {
  name?: string;
  room?: string;
  roomName?: string;
  names?: string[];
  egressId?: string;
  recording?: string;
}

/**
 * The calls about a room, in order, without the first `from` of all traffic. Of equal calls that follow each
 * other only the first counts: how often something that is waited for is read is a matter of time.
 */
export function callsFor(room: string, traffic: readonly Call[], from: number): Call[] {
  const calls = traffic.slice(from).filter((call) => roomOf(call, traffic) === room);
  return calls.filter(({ method, body }, index) => {
    const last = calls[index - 1];
    return method !== last?.method || body !== last.body;
  });
}

/** Every point of a scene that makes these calls, the first ones of them in its diff. */
export function pointsOf(scene: Scene, calls: readonly Call[], inDiff: number): Point[] {
  const points = calls.flatMap(({ method }, call) =>
    (["before", "after"] as const).flatMap((when) =>
      (["CLI", "provider"] as const).map((victim) => ({ scene, call, method, when, victim })),
    ),
  );
  return points.map((point) => {
    const { call, method, when, victim } = point;
    const name = `${scene.key}-${call}-${method.replace(".", "-")}-${when}-${victim}`;
    return { ...point, name, inDiff: call < inDiff };
  });
}

/** Whether the run has started a recording and died before the answer arrived. */
export function losesStart({ method, when }: Point): boolean {
  return STARTS.has(method) && when === "after";
}

/**
 * A few of them, the worst: the vendor has acted, and no state shows it. The provider is killed in fewer:
 * not where something is removed, which takes a run of its own, nor through a gateway, which stays the same.
 */
export function sampleOf(points: readonly Point[]): Point[] {
  const isKilled = ({ scene, victim }: Point) => victim === "CLI" || !(isThrough || removes(scene));
  const changes = ({ method }: Point) => !/^List|^UpdateSubscriptions$|\.(get|list)$/.test(method);
  return points.filter((point) => point.when === "after" && changes(point) && isKilled(point));
}

/**
 * Which points one run can be killed at. The engine compares one resource after the other, so that a call of diff
 * holds up all the others; and it begins to delete what is no longer declared when all else is done.
 */
export function runsOf(points: readonly Point[]): Point[][] {
  const kinds = new Map<string, Point[]>();
  for (const point of points) {
    const { scene, name, inDiff, victim } = point;
    const kind = inDiff ? name : `${victim} ${removes(scene)}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), point]);
  }
  return [...kinds.values()].flatMap((kind) =>
    Array.from({ length: Math.ceil(kind.length / AT_ONCE) }, (_, run) =>
      kind.slice(run * AT_ONCE, (run + 1) * AT_ONCE),
    ),
  );
}
