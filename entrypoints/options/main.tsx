/** Starts the options page. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/options/options.css';
import '../../components/options/settings/settings.css';
import '../../components/options/activity.css';
import '../../components/security/security.css';
import { render } from 'preact';
import { browserShell, openClient } from '../../components/client';
import { AppContext } from '../../components/context';
import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';

const root = document.getElementById('root');
if (root) {
  render(
    <AppContext.Provider value={{ client: openClient(), shell: browserShell() }}>
      <OptionsScreen route={watchRoute()} />
    </AppContext.Provider>,
    root,
  );
}
