/* The first import of each entry of the package: an older Node fails in a dependency, far from the reason. */

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 13)) {
  const error = new Error(`pulumi-rtc needs Node 22.13 or newer, and this is ${process.version}`);
  // The stack would only name the files that import this one.
  error.stack = error.message;
  throw error;
}
