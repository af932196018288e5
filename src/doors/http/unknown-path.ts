/** What is said about a path or method that is not served: enough to find the right one. */
import { ENDPOINTS } from '../../contract/endpoints.ts';
import { type Refusal, refused } from '../../core/primitives/refusal.ts';
import { OPERATIONAL_PATHS } from './operational-pages.ts';

type ServedPath = { readonly pattern: RegExp; readonly method: string };

const SERVED_PATHS: readonly ServedPath[] = [
  ...Object.values(ENDPOINTS).map(({ path, method }) => ({
    pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
    method,
  })),
  ...OPERATIONAL_PATHS.map((path) => ({
    pattern: new RegExp(`^${path.replace('.', '\\.')}$`),
    method: 'GET',
  })),
];

/** `allow`: the methods that the path takes; empty where there is no such path. */
export function refusalOfPath(
  method: string,
  url: string,
): { readonly refusal: Refusal; readonly allow: readonly string[] } {
  const path = url.split('?', 1)[0] ?? '';
  const allow = SERVED_PATHS.filter(({ pattern }) => pattern.test(path)).map((served) => served.method);
  const expected = allow.join(', ');
  return {
    allow,
    refusal:
      allow.length > 0
        ? refused('methodNotAllowed', `${path} does not take ${method}; it takes ${expected}.`, { expected })
            .refusal
        : refused('unknownPath', `There is no ${path}; GET /openapi.json lists every path.`).refusal,
  };
}
