/** Starts the popup. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/approval/approval.css';
import '../../components/popup/popup.css';
import '../../components/security/security.css';
import { PopupScreen } from '../../components/popup/PopupScreen';
import { show } from '../../components/show';

show(<PopupScreen />);
