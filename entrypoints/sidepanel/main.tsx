/** Starts the chat beside the page. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/security/security.css';
import '../../components/chat/chat.css';
import { ChatScreen } from '../../components/chat/ChatScreen';
import { show } from '../../components/show';

show(<ChatScreen />);
