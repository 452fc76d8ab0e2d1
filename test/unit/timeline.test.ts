import { describe, expect, test } from 'vitest';
import { webUi } from '../../api/engine-run.ts';
import { sentenceOf } from '../../api/event-words.ts';
import { timelineOf } from '../../api/timeline.ts';
import { summaryOf } from '../../domain/stand-words.ts';
import type { LedgerEntry } from '../../models/event.ts';

const entry = (at: string, over: Partial<LedgerEntry> = {}): LedgerEntry => ({
  at: `2026-03-${at}+08:00`,
  source: 'mail',
  what: 'mail-sent',
  task: 'ZX-2026-001-001',
  ...over,
});
const word = ({ what }: LedgerEntry): string => what;

describe('A timeline', () => {
  test('is newest first, and says how many days had nothing', () => {
    const lines = timelineOf(
      [
        entry('02T09:00:00'),
        entry('03T09:00:00', { source: 'answer', what: 'acknowledged', who: '经办人甲' }),
        entry('09T09:00:00', { source: 'workflow', what: 'overdue' }),
      ],
      word,
    );
    expect(lines.map(({ what, gap }) => [what, gap])).toEqual([
      ['overdue', 0],
      ['acknowledged', 6],
      ['mail-sent', 0],
    ]);
  });

  test('folds what the machine did to many tasks at once, never what people did', () => {
    const mails = Array.from({ length: 100 }, (_, i) =>
      entry('02T09:00:00', { task: `ZX-2026-001-${i + 1}` }),
    );
    const people = [1, 2].map((i) =>
      entry('02T09:30:00', { source: 'decision', what: 'accepted', who: '组织员', task: `ZX-2026-001-${i}` }),
    );
    expect(timelineOf([...mails, ...people], word).map(({ what, n }) => [what, n])).toEqual([
      ['accepted', 1],
      ['accepted', 1],
      ['mail-sent', 100],
    ]);
  });

  test('keeps the sources that are asked for', () => {
    const all = [entry('02T09:00:00'), entry('02T10:00:00', { source: 'answer', what: 'answered' })];
    expect(timelineOf(all, word, ['answer']).map((one) => one.what)).toEqual(['answered']);
    expect(timelineOf(all, word)).toHaveLength(2);
  });
});

describe('A line about a mail', () => {
  const said = (what: string, response: string) =>
    sentenceOf(entry('02T09:00:00', { what, detail: { kind: 'task', message: 'x@y', response } }));

  test.each([
    ['mail-sent', '250 2.0.0 Ok: queued as 4F2A1', '对方邮件服务器已接收办理通知'],
    ['mail-rejected', '550 5.1.1 No such mailbox', '办理通知被对方邮件服务器拒收（该邮箱地址不存在）'],
    ['mail-rejected', '599 Nonsense', '办理通知被对方邮件服务器拒收'],
    ['mail-bounced', '邮箱已满。', '办理通知被退回（邮箱已满）'],
    ['mail-bounced', '邮件被退回。', '办理通知被退回'],
  ])('%s is in words, whatever the server replied: %s', (what, response, words) =>
    expect(said(what, response)).toBe(words),
  );
});

describe('What the engine is told of a process', () => {
  test('is one line of at most 200 bytes, never cut within a character', () => {
    const long = summaryOf('campaign', 'ZX-2026-001', '安全生产执法专项监督'.repeat(20));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(200);
    expect(Buffer.byteLength(long)).toBeGreaterThan(196);
    expect(long).not.toContain('\u{fffd}');
    expect(summaryOf('case', 'GA-2026-001')).toBe('个案监督 GA-2026-001');
  });

  test('its Web UI is addressed as it addresses itself', () => {
    const client = { options: { namespace: 'default' } } as never;
    const at = { workflow: 'campaign/ZX-2026-001', run: 'abc' };
    expect(webUi({ client, temporalUi: 'http://127.0.0.1:8233/' }, at)).toBe(
      'http://127.0.0.1:8233/namespaces/default/workflows/campaign%2FZX-2026-001/abc/history',
    );
    expect(webUi({ client }, at)).toBe('');
  });
});
