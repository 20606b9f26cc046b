module.exports = require("pulumi-rtc/program");
