export * from './control-message.ts';
export * from './lease-value.ts';
export * from './loan-message.ts';
export * from './progress-event.ts';
export * from './result-message.ts';
export * from './task-message.ts';
export * from './want-message.ts';
