/**
 * Route answers as ready-made text, the door's busiest path. A URL that was answered once is remembered with its
 * parsed query; its answer is sent again for as long as no change that a route depends on was applied and the node's
 * currency is the same. Invariant: only URLs that passed the contract's schemas are remembered, so looking a URL up
 * validates it exactly as parsing it would.
 */
import { ENDPOINTS } from '../../contract/endpoints.ts';
import { clusterName, type SiteName, siteName, topicName } from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { accepted, type Result } from '../../core/primitives/refusal.ts';
import { type RouteQuery, routeOf } from '../../core/routing/route.ts';
import type { HttpDoorPorts } from './door-ports.ts';
import { parseQueryText } from './query-text.ts';
import type { RouteNews } from './route-news.ts';
import { parsePart } from './served-endpoint.ts';
import { readBarrier } from './submit.ts';
import { routeView } from './views/route-view.ts';

/** Text, and not bytes: Node sends a text in one piece with the head, and bytes as a second one, which costs a third more. */
export type RouteAnswer = { readonly text: string; readonly byteLength: number };

type Entry = {
  readonly query: RouteQuery;
  /** The URL names no IDC: the answer depends on the client's address and is kept under {@link placedKey}. */
  readonly byAddress: boolean;
  revision: number;
  current: boolean;
  body: RouteAnswer | null;
};

type AskedRoute = {
  readonly query: RouteQuery;
  readonly byAddress: boolean;
  readonly linearizable: boolean;
  /** Hold the answer for news later than `after`; null where it is given at once. */
  readonly hold: { readonly after: number; readonly holdMs: number } | null;
};

/** Longer URLs are answered but not remembered; two names of full length and the other parameters fit. */
const REMEMBERED_URL_CHARACTERS = 512;

/** A space cannot be in a request's URL, so these keys never meet those of URLs that name an IDC. */
const placedKey = (url: string, idc: SiteName | null): string => `${url} ${idc ?? ''}`;

export class RouteAnswers {
  readonly #ports: HttpDoorPorts;
  readonly #news: RouteNews;
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();

  constructor(ports: HttpDoorPorts, news: RouteNews, limit: number = LIMITS.cachedRoutes) {
    this.#ports = ports;
    this.#news = news;
    this.#limit = limit;
  }

  /** Number of remembered URLs; never above the limit. */
  get size(): number {
    return this.#entries.size;
  }

  /** The answer to a URL that is remembered and still valid; null where it has to be worked out. */
  ready(url: string, address: string | undefined): RouteAnswer | null {
    const entry = this.#entries.get(url);
    if (entry === undefined) return null;
    const placed = entry.byAddress ? this.#entries.get(placedKey(url, this.#idcOf(address))) : entry;
    if (placed === undefined || placed.body === null) return null;
    const { face } = this.#ports;
    return placed.revision === face.routesRevision() && placed.current === face.isCurrent()
      ? placed.body
      : null;
  }

  /** Works the answer out. Refusals: invalidRequest, those of `routeOf`, those of a read barrier. */
  async answer(url: string, parameters: unknown, address: string | undefined): Promise<Result<RouteAnswer>> {
    const known = this.#entries.get(url);
    const asked =
      known === undefined
        ? this.#parse(url, parameters)
        : accepted({ ...known, linearizable: false, hold: null });
    if (!asked.ok) return asked;
    const { byAddress, linearizable, hold } = asked.value;
    if (hold !== null) await this.#news.ofTopic(asked.value.query, hold);
    if (linearizable) {
      const barrier = await readBarrier(this.#ports);
      if (!barrier.ok) return barrier;
    }
    const { face } = this.#ports;
    const query = byAddress ? { ...asked.value.query, idc: this.#idcOf(address) } : asked.value.query;
    const revision = face.routesRevision();
    const current = face.isCurrent();
    // A read that was just confirmed is current, whatever happens to this node's leader from then on.
    const route = routeOf(face.state(), query, { index: revision, stale: !current && !linearizable });
    if (!route.ok) return route;
    const text = JSON.stringify(routeView(route.value));
    const body = { text, byteLength: Buffer.byteLength(text) };
    if (!linearizable && hold === null && url.length <= REMEMBERED_URL_CHARACTERS) {
      const entry = { query, byAddress, revision, current, body };
      if (byAddress) {
        this.#remember(url, { ...entry, body: null });
        this.#remember(placedKey(url, query.idc), entry);
      } else this.#remember(url, entry);
    }
    return accepted(body);
  }

  #parse(url: string, rawParameters: unknown): Result<AskedRoute> {
    const parameters = parsePart('path', ENDPOINTS.route.parameters, rawParameters);
    if (!parameters.ok) return parameters;
    const text = parseQueryText(url);
    if (!text.ok) return text;
    const query = parsePart('query', ENDPOINTS.route.query, text.value);
    if (!query.ok) return query;
    const { cluster, idc, consistency, after, holdMs } = query.value;
    return accepted({
      query: {
        cluster: clusterName(cluster),
        topic: topicName(parameters.value.topic),
        idc: idc === undefined ? null : siteName(idc),
      },
      byAddress: idc === undefined,
      linearizable: consistency === 'linearizable',
      hold: after === undefined || holdMs === 0 ? null : { after, holdMs },
    });
  }

  /** IDC of a client that named none; the witness site is no IDC, so its clients are near to nothing. */
  #idcOf(address: string | undefined): SiteName | null {
    const idc = address === undefined ? null : this.#ports.idcOfAddress(address);
    return idc !== null && this.#ports.face.state().sites.get(idc)?.kind === 'idc' ? idc : null;
  }

  /** Drops what was remembered longest ago; a busy URL comes back with its next request. */
  #remember(key: string, entry: Entry): void {
    this.#entries.delete(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#limit) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, entry);
  }
}
