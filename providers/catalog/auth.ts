/** The ways in which rows let egress sign a request. */

import type { Auth } from '../provider';

export const bearer = (required: boolean): Auth => ({ type: 'header', header: 'Authorization', prefix: 'Bearer ', required });
