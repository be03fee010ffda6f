/** Starts the chat beside the page. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/security/security.css';
import '../../components/chat/chat.css';
import { render } from 'preact';
import { ChatScreen } from '../../components/chat/ChatScreen';
import { browserShell, openClient } from '../../components/client';
import { AppContext } from '../../components/context';

const root = document.getElementById('root');
if (root) {
  render(
    <AppContext.Provider value={{ client: openClient(), shell: browserShell() }}>
      <ChatScreen />
    </AppContext.Provider>,
    root,
  );
}
