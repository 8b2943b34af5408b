export * from './memory-point.ts';
