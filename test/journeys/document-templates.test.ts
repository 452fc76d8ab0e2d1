import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draftPaper, shippedTemplate } from '../../documents/draft.ts';
import { SAMPLE } from '../../documents/views.ts';
import { type PaperDesk, openPaperDesk } from '../support/papers.ts';

let desk: PaperDesk;
beforeAll(async () => {
  desk = await openPaperDesk();
});
afterAll(async () => desk.close());

describe('The office’s own templates', () => {
  it('Take the place of the shipped one, version by version, and no version is lost', async () => {
    const { administrator, organizer, auditor } = desk.as;
    const shipped = await organizer('GET', '/document-templates/letter');
    expect(shipped.body).toMatchObject({ kind: 'letter', version: 0, source: shippedTemplate('letter') });
    expect(shipped.body.names).toContainEqual({ name: 'findings', rows: ['text', 'article', 'measure'] });
    const source = '督办{{matter}}\n主送：{{agency}}\n请于{{term}}内办理。';
    expect((await organizer('PUT', '/document-templates/letter', { body: { source } })).status).toBe(403);
    const first = await administrator('PUT', '/document-templates/letter', { body: { source } });
    expect(first).toMatchObject({ status: 200, body: { version: 1, source, by: 'administrator' } });
    expect(await draftPaper(desk.store, 'letter', SAMPLE)).toEqual({
      title: '督办重大行政执法决定未经法制审核问题',
      addressee: '县水利局',
      body: ['请于30日内办理。'],
    });
    const stale = { body: { source }, headers: { 'If-Match': shipped.headers.get('etag') ?? '' } };
    expect((await administrator('PUT', '/document-templates/letter', stale)).status).toBe(412);
    const second = await administrator('PUT', '/document-templates/letter', {
      body: { source: `${source}\n特此函告。` },
    });
    expect(second.body.version).toBe(2);
    const versions = await auditor('GET', '/document-templates/letter/versions');
    expect(versions.body).toMatchObject({ total: 2, items: [{ version: 1, source }, { version: 2 }] });
    const all = await auditor('GET', '/document-templates?limit=200');
    expect(all.body.total).toBe(21);
    expect(all.body.items).toContainEqual({ kind: 'letter', name: '行政执法监督督办函', version: 2 });
    expect((await auditor('GET', '/document-templates/novel')).status).toBe(404);
  });

  it('A broken one is refused at save with its line, and nothing is kept', async () => {
    const { administrator } = desk.as;
    for (const [source, line] of [
      ['标题\n\n{{constructor}}', 3],
      ['标题\n{{> secret}}', 2],
      ['标题\n{{agency}}\n{{#each facts}}', 3],
      ['标题\n{{{agency}}}', 2],
    ] as const) {
      const refused = await administrator('PUT', '/document-templates/decision', { body: { source } });
      expect(refused).toMatchObject({
        status: 422,
        body: { code: 'template-invalid', line, errors: [{ pointer: '/source', code: 'template-invalid' }] },
      });
      expect(refused.body.detail).toContain(`第${line}行`);
    }
    const long = await administrator('PUT', '/document-templates/decision', {
      body: { source: 'x'.repeat(20_001) },
    });
    expect(long.body.errors[0].pointer).toBe('/source');
    expect(await desk.store.documentTemplates.countDocuments({ kind: 'decision' })).toBe(0);
  });

  it('Is seen with sample words before it is saved', async () => {
    const { administrator } = desk.as;
    const seen = await administrator('POST', '/document-templates/decision/preview', {
      body: { source: '决定书\n主送：{{agency}}\n决定：{{outcome}}。' },
    });
    expect(seen).toMatchObject({
      status: 200,
      body: { title: '决定书', addressee: '县水利局', body: ['决定：责令限期改正。'] },
    });
    expect(seen.body.html).toContain('桓台县人民政府');
    expect(
      (await administrator('POST', '/document-templates/decision/preview', { body: {} })).body.title,
    ).toContain('决定书');
    expect(await desk.store.documentTemplates.countDocuments({ kind: 'decision' })).toBe(0);
  });
});
