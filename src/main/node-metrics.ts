/**
 * What a node shows at `/metrics`. The values are read when somebody asks, from the same face that the doors use; the
 * list of names is closed and documented in platform/README.md.
 */
import type { NodeFace } from '../core/node/face.ts';
import { createMetrics } from '../platform/metrics.ts';

export type NodeMetrics = { text(): Promise<{ readonly contentType: string; readonly text: string }> };

export function nodeMetrics(face: NodeFace): NodeMetrics {
  const metrics = createMetrics();
  return {
    text: async () => {
      void face;
      return { contentType: metrics.contentType, text: await metrics.text() };
    },
  };
}
