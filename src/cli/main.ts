#!/usr/bin/env node
import "./node-version";
import "./compile-cache";

// Not an import, which Node would load before all of this.
require("./program");
