import { describe, expect, it } from 'vitest';
import { readCommand } from '../../mail/reply-command.ts';

describe('The first line can be a command; anything longer is an answer', () => {
  it.each([
    ['签收', { kind: 'acknowledgement' }],
    ['已签收。', { kind: 'acknowledgement' }],
    ['签收　张三　副局长', { kind: 'acknowledgement', name: '张三', post: '副局长' }],
    ['签收：张三（副局长）', { kind: 'acknowledgement', name: '张三', post: '副局长' }],
    ['签收 县水利局 张三 科长', { kind: 'acknowledgement', name: '张三', post: '科长' }],
    ['签收 材料见附件', { kind: 'answer' }],
    ['签收单已盖章', { kind: 'answer' }],
    ['签收，现将情况报告如下：\n一、…', { kind: 'answer' }],
    ['签收\n一、检查计划已公示。二、记录已归档。', { kind: 'answer' }],
    ['延期5天：理由充分', { kind: 'extension', term: { days: 5 }, reason: '理由充分' }],
    ['延期３个工作日　资料在市局', { kind: 'extension', term: { workdays: 3 }, reason: '资料在市局' }],
    ['申请延期十五日，原因：领导外出', { kind: 'extension', term: { days: 15 }, reason: '领导外出' }],
    ['延期一周', { kind: 'extension', term: { days: 7 }, reason: '' }],
    ['延期5天（因系统升级）', { kind: 'extension', term: { days: 5 }, reason: '因系统升级' }],
    ['延期0天：x', { kind: 'answer' }],
    ['延期至12月20日', { kind: 'answer' }],
    ['延期5天内的材料已补齐', { kind: 'answer' }],
    ['转办 Wang@x.gov.cn 王五', { kind: 'delegation', email: 'wang@x.gov.cn', name: '王五' }],
    ['转办：ｗａｎｇ＠ｘ．ｇｏｖ．ｃｎ，王五', { kind: 'delegation', email: 'wang@x.gov.cn', name: '王五' }],
    ['转办 wang@x.gov.cn', { kind: 'delegation', email: 'wang@x.gov.cn' }],
    ['转办王五', { kind: 'answer' }],
    ['提出异议：不属我局职责\n详见三定方案。', { kind: 'objection', reason: '不属我局职责\n详见三定方案。' }],
    ['材料已报', { kind: 'answer' }],
    ['', { kind: 'answer' }],
  ])('%j', (reply, command) => {
    expect(readCommand(reply)).toEqual(command);
  });
});
