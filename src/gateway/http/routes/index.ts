import type { GatewayRoute } from "../route";
import { discovery } from "./discovery";
import { participants } from "./participants";
import { recordings } from "./recordings";
import { rooms } from "./rooms";
import { tokens } from "./tokens";

/** Every route of the contract. */
export const ROUTES: readonly GatewayRoute[] = [
  ...rooms,
  ...tokens,
  ...recordings,
  ...participants,
  ...discovery,
];
