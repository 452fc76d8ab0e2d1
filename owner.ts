/** A process that was started by another ends with it, however that ends: SIGKILL leaves no other sign than the closed channel. */
export function endWithOwner(stop: () => Promise<void>): void {
  if (process.env['JIANDU_OWNED'] !== '1' || process.channel === undefined || process.channel === null)
    return;
  process.channel.unref?.();
  process.once('disconnect', () => void stop().finally(() => process.exit(0)));
}
