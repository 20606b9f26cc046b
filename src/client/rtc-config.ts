import type { ConfigOf, ConfigShape, CoreConfig } from "../contract/config";
import type { registry } from "../vendors/registry";

type VendorKeys = (typeof registry)[keyof typeof registry]["config"];
type Each<Keys> = Keys extends ConfigShape ? ConfigOf<Keys> : never;
/** All of a union at once. */
type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer A) => void ? A : never;

// The build writes it out for those who use the package, with what each key is for.
/** Configuration of `createClient` and of the Pulumi provider, by the name of its stack config key without `rtc:`. */
export type RtcConfig = CoreConfig & Together<Each<VendorKeys>>;
