export * from './definition.ts';
export * from './exit.ts';
export * from './read-settings.ts';
export * from './reference.ts';
