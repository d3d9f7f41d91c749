import './app/locale';
import { start } from './app/start';
import { tauri } from './platform/tauri';

const root = document.getElementById('root');
if (root !== null) start(tauri, root);
