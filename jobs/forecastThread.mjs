// Starts forecastThread.ts in a thread of its own. Plain JavaScript, because it is what lets the thread read TypeScript.
import { register } from 'tsx/esm/api';

register();
await import('./forecastThread.ts');
