// CommonJS, because both Temporal's bundler and its `require` read it: in the sandbox and outside it.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Messages and stack traces of failures go where payloads go, so that they are encrypted with them. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
