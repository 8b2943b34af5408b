export * from './clock.ts';
export * from './failure.ts';
export * from './job.ts';
export * from './name.ts';
export * from './protected-object.ts';
export * from './secret.ts';
export * from './task.ts';
