/** Starts the popup. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/approval/approval.css';
import '../../components/popup/popup.css';
import '../../components/security/security.css';
import { render } from 'preact';
import { browserShell, openClient } from '../../components/client';
import { AppContext } from '../../components/context';
import { PopupScreen } from '../../components/popup/PopupScreen';

const root = document.getElementById('root');
if (root) {
  render(
    <AppContext.Provider value={{ client: openClient(), shell: browserShell() }}>
      <PopupScreen />
    </AppContext.Provider>,
    root,
  );
}
