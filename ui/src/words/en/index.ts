/** English, the reference: every key there is. ICU MessageFormat. */
import { chart } from './chart';
import { clinical } from './clinical';
import { desk } from './desk';
import { door } from './door';
import { errors } from './errors';
import { notes } from './notes';
import { settings } from './settings';
import { workstation } from './workstation';

export const en = { ...door, ...desk, ...chart, ...clinical, ...notes, ...workstation, ...settings, ...errors } as const;
