import { z } from 'zod';
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
      ? [{ name: 'Idempotency-Key', in: 'header', required: true, schema: { type: 'string', minLength: 1 } }]
      : []),
    ...(spec.ifMatch ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }] : []),
  ];
  const body = spec.multipart
    ? {
        content: {
          'multipart/form-data': {
            schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
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
