import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { operationOf } from './operation.ts';

/**
 * Sends nothing but what the operation's schema names, in the form it names: a field that was not declared cannot leak,
 * and the OpenAPI document cannot lie.
 */
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const answer = operationOf(context.getHandler())?.answer;
    if (answer === undefined || !('schema' in answer)) return next.handle();
    return next.handle().pipe(map((value: unknown) => answer.schema.parse(value)));
  }
}
