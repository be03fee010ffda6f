/** The closed list of what a site can be allowed. What each call takes is decided in background/scopes.ts. */

export const scopes = ['generate', 'models.read', 'models.choose', 'tools', 'image.in', 'audio.in', 'embed'] as const;
export type Scope = (typeof scopes)[number];

/** What a site may ask for beside text; text itself is part of every permission. */
export const wishes = [
  'models.read',
  'models.choose',
  'tools',
  'image.in',
  'audio.in',
  'embed',
] as const satisfies readonly Scope[];
export type Wish = (typeof wishes)[number];
