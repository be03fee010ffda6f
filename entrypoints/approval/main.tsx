/** Starts the approval window. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/approval/approval.css';
import '../../components/security/security.css';
import { render } from 'preact';
import { ApprovalScreen } from '../../components/approval/ApprovalScreen';
import { browserShell, openClient } from '../../components/client';
import { AppContext } from '../../components/context';

const root = document.getElementById('root');
if (root) {
  render(
    <AppContext.Provider value={{ client: openClient(), shell: browserShell() }}>
      <ApprovalScreen />
    </AppContext.Provider>,
    root,
  );
}
