/** The page over the fake platform: `npm run dev`, then /#first_run, /#locked or /#open. */
import '../app/locale';
import { start } from '../app/start';
import { fakePlatform } from './fake';

const wanted = location.hash.slice(1);
const root = document.getElementById('root');
const fake = fakePlatform(wanted === 'locked' || wanted === 'open' ? wanted : 'first_run', { delay: 60, large: true });
Object.assign(globalThis, { fake });
if (root !== null) start(fake, root);
