import { z } from 'zod';
import { COMPLAINT_SHAPE } from './pages/complaint-form.ts';
import { CONTACT_FORMS } from './pages/contact.ts';
import { PAGE_FORMS } from './pages/task-forms.ts';
import type { RouteSpec } from './route.ts';
import { TITLES } from './problem-titles.ts';

const problem = {
  description: 'application/problem+json',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const schemaOf = (schema: z.ZodType): unknown => {
  const { $schema: _drop, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as Record<string, unknown>;
  return rest;
};

/** The OpenAPI 3.1 document of the routes as they are: made from the same list that is mounted. */
export function openapi(routes: readonly RouteSpec[], server: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const spec of routes) {
    const path = spec.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [spec.method]: operation(spec) };
  }
  Object.assign(paths, pagePaths(server));
  return {
    openapi: '3.1.0',
    info: {
      title: '监督 Jiandu',
      version: '1',
      description: '行政执法监督：专项监督、办理事项、名录、历史。',
    },
    servers: [{ url: `${server}/api/v1` }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'errors', 'traceId'],
          properties: {
            type: { type: 'string' },
            code: { type: 'string', enum: Object.keys(TITLES) },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            errors: {
              type: 'array',
              items: {
                type: 'object',
                properties: {
                  pointer: { type: 'string' },
                  code: { type: 'string' },
                  detail: { type: 'string' },
                },
              },
            },
            traceId: { type: 'string' },
          },
        },
      },
    },
  };
}

const TOKEN = { name: 'token', in: 'path', required: true, schema: { type: 'string' } };
const HTML = { 'text/html': { schema: { type: 'string' } } };

/** What stands at the origin, outside the base: health, and the agency's page, whose token is all the right it asks for. */
function pagePaths(origin: string): Record<string, Record<string, unknown>> {
  const servers = [{ url: origin }];
  const open = { security: [], responses: { '2XX': { description: 'OK' }, default: problem } };
  const paths: Record<string, Record<string, unknown>> = {
    '/healthz': { servers, get: { ...open, operationId: 'getHealthz', summary: '进程在运行' } },
    '/readyz': { servers, get: { ...open, operationId: 'getReadyz', summary: 'MongoDB 与 Temporal 可用' } },
    '/t/{token}': {
      servers,
      get: {
        ...open,
        operationId: 'getTaskPage',
        summary: '机关的办理页面；打开不改变任何内容',
        parameters: [TOKEN],
        responses: { '200': { description: 'OK', content: HTML }, default: problem },
      },
    },
  };
  Object.assign(paths, complaintPaths(servers, open), contactPaths(servers, open));
  for (const { name, summary, shape, files } of PAGE_FORMS) {
    const schema = schemaOf(shape) as { properties?: Record<string, unknown> };
    const binary = { type: 'array', items: { type: 'string', format: 'binary' } };
    const parts = files ? { ...schema, properties: { ...schema.properties, files: binary } } : schema;
    paths[`/t/{token}/${name}`] = {
      servers,
      post: {
        ...open,
        operationId: `postTaskPage${name.replace(/^./, (letter) => letter.toUpperCase())}`,
        summary,
        parameters: [TOKEN],
        requestBody: {
          required: true,
          content: {
            'multipart/form-data': { schema: parts },
            'application/x-www-form-urlencoded': { schema },
            'application/json': { schema },
          },
        },
        responses: {
          '201': { description: '回执', content: { ...HTML, 'application/json': { schema: receipt } } },
          default: problem,
        },
      },
    };
  }
  return paths;
}

/** The quarterly question to a contact. */
function contactPaths(
  servers: readonly unknown[],
  open: Readonly<Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
  const page = { responses: { '200': { description: 'OK', content: HTML }, default: problem } };
  const asked = { operationId: 'getContactPage', summary: '联络员确认页面；打开不改变任何内容' };
  const forms = CONTACT_FORMS.map(({ name, summary, shape }) => {
    const schema = schemaOf(shape);
    const post = {
      ...open,
      operationId: `postContactPage${name.replace(/^./, (letter) => letter.toUpperCase())}`,
      summary,
      parameters: [TOKEN],
      requestBody: {
        required: false,
        content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
      },
    };
    return [`/contacts/{token}/${name}`, { servers, post }] as const;
  });
  return {
    '/contacts/{token}': { servers, get: { ...open, ...page, ...asked, parameters: [TOKEN] } },
    ...Object.fromEntries(forms),
  };
}

/** The public form and its follow-up. */
function complaintPaths(
  servers: readonly unknown[],
  open: Readonly<Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
  const page = { responses: { '200': { description: 'OK', content: HTML }, default: problem } };
  const shape = schemaOf(COMPLAINT_SHAPE) as { properties?: Record<string, unknown> };
  const binary = { type: 'array', items: { type: 'string', format: 'binary' } };
  const parts = { ...shape, properties: { ...shape.properties, files: binary } };
  const code = { type: 'object', required: ['code'], properties: { code: { type: 'string' } } };
  return {
    '/complaints': {
      servers,
      get: { ...open, ...page, operationId: 'getComplaints', summary: '投诉举报表单' },
      post: {
        ...open,
        operationId: 'postComplaints',
        summary: '提交投诉举报；过于频繁的来源先放慢，再拒绝',
        requestBody: { required: true, content: { 'multipart/form-data': { schema: parts } } },
      },
    },
    '/complaints/follow': {
      servers,
      get: { ...open, ...page, operationId: 'getComplaintsFollow', summary: '查询办理进展' },
      post: {
        ...open,
        ...page,
        operationId: 'postComplaintsFollow',
        summary: '凭查询码查询办理进展',
        requestBody: {
          required: true,
          content: { 'application/x-www-form-urlencoded': { schema: code } },
        },
      },
    },
  };
}

const receipt = {
  type: 'object',
  required: ['receipt', 'receivedAt', 'late', 'files'],
  properties: {
    receipt: { type: 'string' },
    receivedAt: { type: 'string', format: 'date-time' },
    late: { type: 'boolean' },
    files: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          size: { type: 'integer' },
          sha256: { type: 'string' },
        },
      },
    },
  },
};

function operation(spec: RouteSpec): unknown {
  const inPath = [...spec.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = spec.query
    ? (schemaOf(spec.query) as { properties?: Record<string, unknown>; required?: string[] })
    : {};
  const inQuery = Object.entries(query.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema,
  }));
  const headers = [
    ...(spec.key
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: spec.key === 'required',
            schema: { type: 'string', minLength: 1 },
          },
        ]
      : []),
    ...(spec.ifMatch ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }] : []),
  ];
  const body = spec.multipart
    ? {
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object',
              required: ['file'],
              properties: { file: { type: 'string', format: 'binary' } },
            },
          },
        },
      }
    : spec.body && { content: { 'application/json': { schema: schemaOf(spec.body) } } };
  return {
    summary: spec.summary,
    description: `角色：${spec.rule.join('、')}`,
    operationId: `${spec.method}${spec.path.replaceAll(/[^A-Za-z]+(\w?)/g, (_all, letter: string) => letter.toUpperCase())}`,
    parameters: [...inPath, ...inQuery, ...headers],
    ...(body ? { requestBody: { required: true, ...body } } : {}),
    responses: {
      '2XX': { description: 'OK', content: { 'application/json': { schema: {} } } },
      default: problem,
    },
  };
}
