import mongoose from 'mongoose';

const { MongoError, MongoServerError, MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;

/** A node that starts, stops, steps down or cannot reach a majority: the server's own codes for "ask again later". */
const LATER = new Set([
  6, 7, 64, 89, 91, 94, 100, 133, 134, 189, 211, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436,
]);
const LABELS = ['RetryableWriteError', 'TransientTransactionError', 'PoolRequestedRetry'];
/** The driver's names for a pool or topology that has no connection to give; not all of their classes are exported. */
const CLOSED = new Set([
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoOperationTimeoutError',
  'MongoPoolClosedError',
  'MongoServerClosedError',
  'MongoTopologyClosedError',
  'MongoUnexpectedServerResponseError',
  'MongoWaitQueueTimeoutError',
]);
const BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/** Whether an error says that MongoDB is away or has no primary just now. */
export function mongoAway(error: unknown): boolean {
  if (error instanceof mongoose.Error)
    return error.name === 'MongooseServerSelectionError' || error.message.includes('buffering timed out');
  if (!(error instanceof MongoError)) return brokenSocket(error);
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    CLOSED.has(error.name) ||
    LABELS.some((label) => error.hasErrorLabel(label)) ||
    (error instanceof MongoServerError && LATER.has(Number(error.code)))
  );
}

/** A command cut off while it is written is told by the driver in the socket's own words. */
const brokenSocket = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && BROKEN.has(String((error as NodeJS.ErrnoException).code));
