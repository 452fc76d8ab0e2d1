import { describe, expect, it } from 'vitest';
import { authenticate, isPrivate } from '../../mail/authentication.ts';
import { letter, OFFICER } from '../support/incoming.ts';

describe('What the sender’s domain says', () => {
  const missing = async (): Promise<never> =>
    Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  const records =
    (all: Record<string, string>) =>
    async (name: string, type: string): Promise<string[][]> =>
      type === 'TXT' && all[name] !== undefined ? [[all[name]]] : missing();
  const raw = letter({});
  const sender = { ip: '203.0.113.9', helo: 'mx', from: OFFICER };

  it('SPF fail holds, a soft fail and a missing record do not', async () => {
    const spf = (end: string) =>
      authenticate(raw, {
        ...sender,
        resolver: records({ 'slj.example.gov.cn': `v=spf1 ip4:198.51.100.1 ${end}` }),
      });
    expect(await spf('-all')).toMatchObject({ spf: 'fail', verdict: 'fail' });
    expect(await spf('~all')).toMatchObject({ spf: 'none', verdict: 'none' });
    expect(await authenticate(raw, { ...sender, resolver: missing })).toMatchObject({ verdict: 'none' });
  });

  it('DMARC fail holds, unless a look-up failed on the way', async () => {
    const policy = { '_dmarc.slj.example.gov.cn': 'v=DMARC1; p=reject' };
    expect(await authenticate(raw, { ...sender, resolver: records(policy) })).toMatchObject({
      dmarc: 'fail',
      verdict: 'fail',
    });
    const broken = async (name: string, type: string): Promise<string[][]> =>
      name.startsWith('_dmarc')
        ? records(policy)(name, type)
        : Promise.reject(Object.assign(new Error('down'), { code: 'ESERVFAIL' }));
    expect(await authenticate(raw, { ...sender, resolver: broken })).toMatchObject({ verdict: 'none' });
  });

  it('SPF pass for the shown domain is a pass', async () => {
    const resolver = records({ 'slj.example.gov.cn': 'v=spf1 ip4:203.0.113.0/24 -all' });
    expect(await authenticate(raw, { ...sender, resolver })).toMatchObject({ spf: 'pass', verdict: 'pass' });
  });

  it('Private networks are not looked up, and a silent server costs two seconds', async () => {
    expect(
      ['127.0.0.1', '::1', '::ffff:10.1.2.3', '192.168.1.1', '172.20.0.1', 'fd00::1'].every(isPrivate),
    ).toBe(true);
    expect(isPrivate('203.0.113.9')).toBe(false);
    const started = performance.now();
    const silent = (): Promise<never> => new Promise(() => undefined);
    expect(await authenticate(raw, { ...sender, resolver: silent })).toMatchObject({ verdict: 'none' });
    expect(performance.now() - started).toBeLessThan(2500);
  });
});
