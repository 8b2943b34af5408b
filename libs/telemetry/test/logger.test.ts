import { Failure, Secret } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { createLogger, withTraceparent, type LogLevel } from '../src/index.ts';

function recordingLogger(level: LogLevel = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', level, destination: { write: (line: string) => lines.push(line) } });
  return { logger, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('a log line', () => {
  test('is one JSON object with service, level by name and ISO time', () => {
    const { logger, lines, records } = recordingLogger();
    logger.info({ taskId: 't1' }, 'started');
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(records()[0]).toMatchObject({ service: 'test', level: 'info', taskId: 't1', msg: 'started' });
    expect(records()[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test('below the level is not written', () => {
    const { logger, lines } = recordingLogger('warn');
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toHaveLength(1);
  });

  test('never shows a Secret, however it is logged', () => {
    const { logger, lines } = recordingLogger();
    const value = new Secret('canary-1');
    logger.info({ value, deep: { list: [value] } }, `with ${String(value)}`);
    logger.info('%s %o %j', value, value, value);
    expect(lines.join('')).not.toContain('canary-1');
    expect(lines.join('')).toContain('[redacted]');
  });

  test.each(['password', 'clientSecret', 'accessToken', 'authorization', 'privateKey', 'cookie'])(
    'never shows what stands under %s, three levels deep',
    (name) => {
      const { logger, lines } = recordingLogger();
      logger.info({ [name]: 'canary-2', a: { [name]: 'canary-2', b: { [name]: 'canary-2' } } });
      expect(lines.join('')).not.toContain('canary-2');
    },
  );

  test('of a failure carries its advice and its cause, but not what else the cause holds', () => {
    const { logger, records, lines } = recordingLogger();
    const cause = Object.assign(new Error('socket hang up'), { request: { headers: 'canary-3' } });
    const failure = new Failure('unreachable', {
      code: 'graph.unreachable',
      message: 'No answer.',
      retry: 'later',
      hint: 'Check the network.',
      where: { url: 'https://graph.example' },
      cause,
    });
    logger.error({ err: failure }, 'failed');
    expect(records()[0]?.['err']).toMatchObject({
      kind: 'unreachable',
      code: 'graph.unreachable',
      retry: 'later',
      hint: 'Check the network.',
      where: { url: 'https://graph.example' },
      cause: { message: 'socket hang up' },
    });
    expect(lines.join('')).not.toContain('canary-3');
  });

  test('inside a trace carries its ids, outside none', () => {
    const { logger, records } = recordingLogger();
    logger.info('outside');
    withTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', () => logger.info('inside'));
    const [outside, inside] = records();
    expect(outside).not.toHaveProperty('trace_id');
    expect(inside).toMatchObject({ trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' });
  });
});
