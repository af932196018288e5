/**
 * One JSON object a line, to standard error or to a file. Anything that is called like a secret is blanked, however
 * it got into a line: a log is copied into tickets.
 */
import { type DestinationStream, destination, pino } from 'pino';

/** What other rooms need of a logger; fields come first, the sentence second. */
export type Logger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type LoggerOptions = {
  readonly level: LogLevel;
  /** In every line, beside the time. */
  readonly node: string;
  readonly to: { readonly kind: 'stderr' } | { readonly kind: 'file'; readonly path: string };
};

const SECRET_FIELDS = ['password', 'passwd', 'token', 'secret', 'authorization', 'proof'];
/** Pino looks for a path at exactly one depth. */
const DEPTHS = ['', '*.', '*.*.', '*.*.*.'];

const redactedPaths = DEPTHS.flatMap((depth) => SECRET_FIELDS.map((field) => `${depth}${field}`));

/**
 * Lines are written before the call returns: the ones that matter most are those before a process ends. Throws
 * where the file cannot be opened.
 */
export function createLogger(options: LoggerOptions): Logger {
  const to = options.to.kind === 'stderr' ? { dest: 2 } : { dest: options.to.path, append: true };
  return createLoggerOn(destination({ ...to, sync: true }), options);
}

/** The same on any stream. */
export function createLoggerOn(
  stream: DestinationStream,
  options: Pick<LoggerOptions, 'level' | 'node'>,
): Logger {
  return pino(
    {
      level: options.level,
      base: { node: options.node },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[hidden]' },
    },
    stream,
  );
}
