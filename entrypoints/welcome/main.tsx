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
import { show } from '../../components/show';
import { WelcomeScreen } from '../../components/welcome/WelcomeScreen';

show(<WelcomeScreen />);
