import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Operation } from './operation.ts';

/** The OpenAPI document, made once at start. */
export class ApiDocument {
  constructor(readonly json: Record<string, unknown>) {}
}

/** The description of this API. It needs a token like everything else: it tells strangers nothing. */
@Controller('api/openapi.json')
export class OpenApiController {
  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Operation({
    id: 'readDocument',
    summary: 'This document',
    role: 'viewer',
    answer: { status: 200, schema: z.record(z.string(), z.unknown()) },
  })
  read() {
    return this.document.json;
  }
}
