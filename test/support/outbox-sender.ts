import { httpArchive } from '../../mail/archive.ts';
import { draftsFor, openOutbox } from './outbox-house.ts';

interface Order {
  readonly mongo: string;
  readonly database: string;
  readonly smtp: string;
  readonly archiveUrl?: string;
  readonly recipients: readonly string[];
}

/** A worker of its own process, to be killed or frozen: posts the drafts that its parent names and says so. */
process.on('message', ({ archiveUrl, recipients, ...where }: Order) => {
  void (async () => {
    const house = await openOutbox({ ...where, ...(archiveUrl ? { archive: httpArchive(archiveUrl) } : {}) });
    const posted = await house.outbox.post(draftsFor(recipients));
    process.send?.({ posted });
  })();
});
process.on('disconnect', () => process.exit());
