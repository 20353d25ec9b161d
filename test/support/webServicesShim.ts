import { parseSettings } from '../../config/settings.ts';
import { bringUp, type RunningServices } from '../../local/services/bringUp.ts';

/** SHIM, to be replaced by test/support/services.ts: the services of TILLCAST_HOME=/tmp/tc-web, which must be up. */
export async function testServices(): Promise<RunningServices> {
  return bringUp(parseSettings({ TILLCAST_HOME: '/tmp/tc-web', SERVICES: 'native' }), () => undefined);
}
