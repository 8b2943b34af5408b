export * from './mail-source.ts';
export * from './mail-target.ts';
export * from './work.ts';
