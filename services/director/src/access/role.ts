/** What a caller may do. Each role may do everything that the ones after it may. */
export const ROLES = ['admin', 'operator', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** True when somebody with role `held` may do what needs role `needed`. */
export function mayAct(held: Role, needed: Role): boolean {
  return ROLES.indexOf(held) <= ROLES.indexOf(needed);
}
