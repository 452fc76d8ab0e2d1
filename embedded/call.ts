import { randomUUID } from 'node:crypto';
import type { Role } from '../models/account.ts';
import type { Stack } from './stack.ts';

export interface Reply<T> {
  readonly status: number;
  readonly body: T;
  readonly etag: string;
}

/** A call to the product's own API, as a script of the office makes it. Throws with the problem's text on 4xx and 5xx. */
export async function call<T>(
  stack: Pick<Stack, 'url' | 'secrets'>,
  role: Role,
  request: { method: string; path: string; body?: unknown; headers?: Record<string, string> },
): Promise<Reply<T>> {
  const { method, path, body, headers } = request;
  const response = await fetch(`${stack.url}/api/v1${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${stack.secrets.tokens[role]}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as T,
    etag: response.headers.get('etag') ?? '',
  };
}
