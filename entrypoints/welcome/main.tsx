/** Starts the first run. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/approval/approval.css';
import '../../components/options/options.css';
import '../../components/options/settings/settings.css';
import '../../components/chat/chat.css';
import '../../components/security/security.css';
import '../../components/welcome/welcome.css';
import { render } from 'preact';
import { browserShell, openClient } from '../../components/client';
import { AppContext } from '../../components/context';
import { WelcomeScreen } from '../../components/welcome/WelcomeScreen';

const root = document.getElementById('root');
if (root) {
  render(
    <AppContext.Provider value={{ client: openClient(), shell: browserShell() }}>
      <WelcomeScreen />
    </AppContext.Provider>,
    root,
  );
}
