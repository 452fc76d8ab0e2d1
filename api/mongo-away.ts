import mongoose from 'mongoose';

const { MongoError, MongoServerError, MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;
const { MongoNotConnectedError, MongoTopologyClosedError } = mongoose.mongo;

/** A node that stops, steps down or cannot reach a majority: the server's own codes for "ask again later". */
const LATER = new Set([6, 7, 64, 89, 91, 100, 189, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436]);
const LABELS = ['RetryableWriteError', 'TransientTransactionError', 'PoolRequestedRetry'];

/** Whether an error says that MongoDB is away or has no primary just now. */
export function mongoAway(error: unknown): boolean {
  if (error instanceof mongoose.Error)
    return error.name === 'MongooseServerSelectionError' || error.message.includes('buffering timed out');
  if (!(error instanceof MongoError)) return false;
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    LABELS.some((label) => error.hasErrorLabel(label)) ||
    (error instanceof MongoServerError && LATER.has(Number(error.code)))
  );
}
