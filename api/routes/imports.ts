import { z } from 'zod';
import type { HolderRegister } from '../../domain/holder.ts';
import type { ImportFaultRecord, ImportRecord } from '../../models/import.ts';
import type { OperationRecord } from '../../models/operation.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { importAgencies } from '../agency-import.ts';
import { importHolders } from '../holder-import.ts';
import { listPage } from '../lists.ts';
import { type Begun, answerOf } from '../operations.ts';
import { invalid } from '../problem.ts';
import {
  type ImportOutcome,
  type RegisterJob,
  importMode,
  importQuery,
  refuseBad,
} from '../register-import.ts';
import { type Answer, created, ok, route } from '../route.ts';
import { page } from '../shapes.ts';
import { showOperation } from './operations.ts';

type PeopleJob = RegisterJob & { readonly register: 'agencies' | HolderRegister };

const carry = (job: PeopleJob): Begun<ImportOutcome> =>
  job.register === 'agencies'
    ? importAgencies({ ...job, register: 'agencies' })
    : importHolders({ ...job, register: job.register });

/** Invariant: the roster's own answer has the contract's three fields and no other; the rest stands with the import. */
function outcome({ register, mode }: Pick<RegisterJob, 'register' | 'mode'>, done: ImportOutcome): Answer {
  const { created: n, updated, rejected } = done;
  const body = register === 'agencies' ? { created: n, updated, rejected } : done;
  const headers = { Location: `/api/v1/imports/${done.import}` };
  return mode !== 'dryRun' && n > 0 ? created(body, headers) : ok(body, headers);
}

const importRoute = (register: PeopleJob['register'], chinese: string) =>
  route({
    method: 'post',
    path: `/${register}/import`,
    rule: ADMINISTRATORS,
    multipart: true,
    summary: `导入${chinese}（.xlsx、.csv）；有误的行默认全不导入，skipBad=true 时只跳过有误的行，同一份文件再次上传即从中断处接续`,
    query: importQuery,
    async work({ deps, query, table, actor, lang, req, res }) {
      if (!table) throw invalid('/file', 'missing', '请上传 file');
      const job = { deps, register, table, mode: importMode(query), actor, lang };
      return answerOf({ req, res }, carry(job), (done) => {
        if (job.mode === 'whole') refuseBad(done);
        return outcome(job, done);
      });
    },
  });

/** An import as an operation, without what it is an operation by. */
const showImport = ({ kind: _kind, ...rest }: ImportRecord) => showOperation(rest);

const showFault = ({ row, column, code, detail }: ImportFaultRecord) => ({ row, column, code, detail });

const findImport = (
  { store }: Parameters<NonNullable<Parameters<typeof route>[0]['find']>>[0],
  params: Readonly<Record<string, string>>,
) => store.operations.findOne({ _id: params['id'] ?? '', kind: 'import' }).lean<ImportRecord>();

export const importRoutes = [
  importRoute('agencies', '机关名录'),
  importRoute('supervisors', '监督人员'),
  importRoute('officers', '行政执法人员'),
  route({
    method: 'get',
    path: '/imports',
    rule: READERS,
    summary: '导入及其进度，最近的在前',
    query: page.extend({
      register: z.enum(['agencies', 'supervisors', 'officers', 'acts', 'clues']).optional(),
    }),
    work: async (call) =>
      listPage<OperationRecord>(call.deps.store.operations, call, {
        filter: {
          kind: 'import',
          ...(call.query.register === undefined ? {} : { register: call.query.register }),
        },
        show: (record) => showImport(record as ImportRecord),
        order: -1,
      }),
  }),
  route({
    method: 'get',
    path: '/imports/:id',
    rule: READERS,
    summary: '一次导入及其进度',
    find: findImport,
    work: async ({ found }) => ok(showImport(found)),
  }),
  route({
    method: 'get',
    path: '/imports/:id/faults',
    rule: READERS,
    summary: '一次导入中有误的单元格，按文件中的次序',
    query: page,
    find: findImport,
    work: async (call) =>
      listPage(call.deps.store.importFaults, call, {
        filter: { import: call.found._id },
        show: showFault,
      }),
  }),
];
