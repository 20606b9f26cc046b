const { appendFileSync } = require("node:fs");
const Module = require("node:module");
const { basename, dirname } = require("node:path");

/*
 * Loaded first into each process of Node that a command starts: writes a line of JSON to the file RTC_COUNTS for each gRPC call
 * that the process makes or answers, and for the modules that it has loaded: at its end, and of a provider with its first answer.
 */

const file = process.env.RTC_COUNTS;
const script = process.argv[1] ?? "";
/** `run` is the program's process, `dynamic-provider` the provider's, `cli` that of rtc. */
const by =
  basename(script) === "index.js" || !script.endsWith(".js") ? basename(dirname(`${script}/`)) : "cli";
const write = (line) => file && appendFileSync(file, `${JSON.stringify({ by, ...line })}\n`);

let wroteModules = false;
function writeModules() {
  if (!wroteModules) write({ modules: Object.keys(require.cache) });
  wroteModules = true;
}
process.on("exit", writeModules);

/** Counts what the engine calls, by the method's name. */
const counted = (implementation) =>
  new Proxy(implementation, {
    get(target, name) {
      const method = target[name];
      if (typeof method !== "function") return method;
      return (call, answer) => {
        write({ answers: name });
        return method.call(target, call, (...results) => {
          if (by === "dynamic-provider" && /^(check|read|delete)$/i.test(name)) writeModules();
          answer(...results);
        });
      };
    },
  });

function counting(grpc) {
  class Server extends grpc.Server {
    addService(definition, implementation) {
      super.addService(definition, counted(implementation));
    }
  }
  const makeGenericClientConstructor = (methods, ...rest) => {
    const Client = grpc.makeGenericClientConstructor(methods, ...rest);
    for (const [name, { path }] of Object.entries(methods)) {
      const call = Client.prototype[name];
      const replacement = function (...args) {
        write({ calls: path });
        return call.apply(this, args);
      };
      Client.prototype[name] = Object.assign(replacement, call);
    }
    return Client;
  };
  return { ...grpc, Server, makeGenericClientConstructor };
}

const load = Module._load;
let replaced;
Module._load = function (request, ...rest) {
  const exports = load.call(this, request, ...rest);
  if (request !== "@grpc/grpc-js") return exports;
  replaced ??= counting(exports);
  return replaced;
};
