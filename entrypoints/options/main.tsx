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
import '../../components/options/models/models.css';
import type { ImportModel } from '../../components/options/models/FromFile';
import { OptionsScreen } from '../../components/options/OptionsScreen';
import { watchRoute } from '../../components/options/route';
import { show } from '../../components/show';

/** Hashing and storing are needed by few, once in a while. */
const importModel: ImportModel = async (...args) => (await import('../../ondevice/import-model')).importModel(...args);

show(<OptionsScreen route={watchRoute()} importModel={importModel} />);
