import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { readFile } from '../../models/files.ts';
import {
  type MakingRecord,
  type Operation,
  type OperationRecord,
  cancelOperation,
  operationState,
  paceOf,
} from '../../models/operation.ts';
import { READERS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { Problem, notFound } from '../problem.ts';
import { type Answer, created, ok, route } from '../route.ts';
import { page } from '../shapes.ts';

/** An operation as callers see it: how far, how fast, how long still. */
export const showOperation = <O extends Omit<Operation, 'kind'>>(record: O) => {
  const { _id, beatAt, stageAt, stageFrom, holder: _holder, account: _account, ...rest } = record;
  const {
    open: _open,
    made,
    ...shown
  } = rest as typeof rest & Partial<Pick<MakingRecord, 'made'>> & { open?: true };
  const state = operationState({ state: rest.state, beatAt }, Date.now());
  const pace =
    state === 'running' ? paceOf({ rows: rest.rows, beatAt, stageAt, stageFrom }, rest.of) : undefined;
  return {
    id: _id,
    ...shown,
    state,
    ...(pace ? { perSecond: Math.round(pace.perSecond) } : {}),
    ...(pace?.left === undefined ? {} : { secondsLeft: pace.left }),
    ...(made ? { made: { name: made.name, size: made.size, sha256: made.sha256 } } : {}),
  };
};

/** A file that is there: where to fetch it. */
export const madeAnswer = (record: MakingRecord): Answer =>
  created(
    { operation: record._id, file: `/api/v1/operations/${record._id}/file` },
    { Location: `/api/v1/operations/${record._id}` },
  );

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.operations.findById(params['id']).lean<OperationRecord>();

export const operationRoutes = [
  route({
    method: 'get',
    path: '/operations',
    rule: READERS,
    summary: '长时间的操作（导入、导出、案卷装订）及其进度，最近的在前',
    query: page.extend({ kind: z.enum(['import', 'export', 'archive']).optional() }),
    work: async (call) =>
      listPage<OperationRecord>(call.deps.store.operations, call, {
        filter: call.query.kind === undefined ? {} : { kind: call.query.kind },
        show: showOperation,
        order: -1,
      }),
  }),
  route({
    method: 'get',
    path: '/operations/:id',
    rule: READERS,
    summary: '一项操作：做到多少、共多少、每秒多少、还要多久',
    find,
    work: async ({ found }) => ok(showOperation(found)),
  }),
  route({
    method: 'post',
    path: '/operations/:id/cancel',
    rule: STAFF,
    summary: '取消一项操作：由发起人或者系统管理员取消；正在写入的一批要么全部写入，要么完全不写',
    find,
    async work({ deps, found, actor }) {
      if (found.account !== actor.id && actor.role !== 'administrator') throw new Problem(403, 'forbidden');
      const at = stamp(await deps.clock.now());
      if (!(await cancelOperation(deps.store, found._id, at))) throw new Refusal('operation-ended');
      return ok(showOperation({ ...found, state: 'cancelled', endedAt: at }));
    },
  }),
  route({
    method: 'get',
    path: '/operations/:id/file',
    rule: READERS,
    summary: '导出、装订的文件，保留七天',
    find,
    async work({ deps, found, res }) {
      const made = 'made' in found ? found.made : undefined;
      if (!made) throw notFound();
      res.attachment(made.name).set({
        'Content-Type': made.type,
        'Content-Length': String(made.size),
        'Cache-Control': 'private, no-store',
      });
      await pipeline(readFile(deps.store, made.file), res);
      return undefined;
    },
  }),
];
