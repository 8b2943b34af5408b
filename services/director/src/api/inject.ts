import { Inject } from '@nestjs/common';

/** Injection tokens of what has no class of its own. */
export const CLOCK = Symbol('clock');
export const CORE = Symbol('director core');
export const ENROLLER = Symbol('enroller');
export const ADD_REPOSITORY = Symbol('parts of adding a repository');
export const TENANT_PARTS = Symbol('parts of tenant connections');

export const TheClock = () => Inject(CLOCK);
export const TheCore = () => Inject(CORE);
export const TheEnroller = () => Inject(ENROLLER);
export const TheAddRepositoryParts = () => Inject(ADD_REPOSITORY);
export const TheTenantParts = () => Inject(TENANT_PARTS);
