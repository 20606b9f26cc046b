import {
  aboutKey,
  type ConfigShape,
  type ConfigSources,
  configFrom,
  coreConfig,
  isSecretVariable as isSecretOf,
} from "../contract/config";
import { registry } from "../vendors/registry";
import type { RtcConfig } from "./rtc-config";

export type { RtcConfig };

/** A key of {@link RtcConfig}. */
export type ConfigKey = keyof RtcConfig;

const OF_VENDORS: readonly ConfigShape[] = Object.values(registry).map(({ config }) => config);

/** Every configuration key, those of the vendors first. */
export const CONFIG_KEYS: ConfigShape = Object.assign({}, ...OF_VENDORS, coreConfig);

/** The environment variable of each key. */
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(CONFIG_KEYS).map(([name, key]) => [name, aboutKey(key).environment]),
) as Record<ConfigKey, string>;

/**
 * Reads the configuration of this package: see `configFrom`.
 *
 * @throws INVALID_ARGUMENT with every problem, each under the key or variable that it came from, and no value
 * @example const config = readConfig(); // from the environment
 */
export function readConfig(
  given: RtcConfig = {},
  stack?: ConfigSources["stack"],
  environment?: NodeJS.ProcessEnv,
): RtcConfig {
  return configFrom(OF_VENDORS, {
    given,
    ...(stack && { stack }),
    ...(environment && { environment }),
  });
}

/** Whether an environment variable holds a credential: of this package, or listed in RTC_SECRET_VARIABLES. */
export function isSecretVariable(name: string, environment: NodeJS.ProcessEnv): boolean {
  return isSecretOf(CONFIG_KEYS, name, environment);
}
