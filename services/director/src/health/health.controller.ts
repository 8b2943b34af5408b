import { Failure } from '@backhaul/domain';
import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { TheCore } from '../api/inject.ts';
import { Operation } from '../api/operation.ts';
import type { DirectorCore } from '../core/director-core.ts';
import { Readiness } from './readiness.ts';

const Up = z.object({ status: z.literal('up') });

const Details = z
  .object({
    status: z.enum(['up', 'down', 'stopping']),
    dispatching: z.boolean().describe('Whether this Director hands out tasks; one of several does.'),
    dependencies: z.array(z.object({ name: z.string(), up: z.boolean() })),
    counters: z.record(z.string(), z.number()).describe('Since this process started.'),
  })
  .meta({ id: 'Health' });

/** For whoever watches over the process. Strangers learn up or down, callers with a token learn why. */
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @TheCore() private readonly core: DirectorCore,
  ) {}

  @Get('livez')
  @Operation({ id: 'livez', summary: 'The process runs', role: 'public', answer: { status: 200, schema: Up } })
  live() {
    return { status: 'up' };
  }

  @Get('startupz')
  @Operation({
    id: 'startupz',
    summary: 'The process has started',
    role: 'public',
    answer: { status: 200, schema: Up },
  })
  started() {
    return { status: 'up' };
  }

  @Get('readyz')
  @Operation({
    id: 'readyz',
    summary: 'The process can do its work',
    description: '503 while it cannot, or while it is going down.',
    problems: ['director.not-ready'],
    role: 'public',
    answer: { status: 200, schema: Up },
  })
  async ready() {
    const isUp = !this.readiness.stopping && (await this.readiness.states()).every(({ up }) => up);
    if (!isUp) throw notReady();
    return { status: 'up' };
  }

  @Get('api/v1/health')
  @Operation({
    id: 'readHealth',
    summary: 'What works and what does not',
    role: 'viewer',
    answer: { status: 200, schema: Details },
  })
  async details() {
    const dependencies = await this.readiness.states();
    const isUp = dependencies.every(({ up }) => up);
    return {
      status: this.readiness.stopping ? 'stopping' : isUp ? 'up' : 'down',
      dispatching: this.core.isLeader(),
      dependencies,
      counters: { ...this.core.counters },
    };
  }
}

function notReady(): Failure {
  return new Failure('unavailable', {
    code: 'director.not-ready',
    message: 'This Director cannot do its work at the moment.',
    hint: 'Ask /api/v1/health with a token for what is missing.',
    retry: 'later',
  });
}
