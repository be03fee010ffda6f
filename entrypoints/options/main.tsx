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
import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';
import { show } from '../../components/show';

show(<OptionsScreen route={watchRoute()} />);
