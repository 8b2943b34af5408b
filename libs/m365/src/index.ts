export * from './graph.ts';
export type * from './graph-request.ts';
export * from './transport.ts';
