/** Starts the approval window. */

import '../../components/ui/tokens.css';
import '../../components/ui/base.css';
import '../../components/ui/controls.css';
import '../../components/ui/blocks.css';
import '../../components/ui/combobox.css';
import '../../components/approval/approval.css';
import '../../components/security/security.css';
import { ApprovalScreen } from '../../components/approval/ApprovalScreen';
import { show } from '../../components/show';

show(<ApprovalScreen />);
