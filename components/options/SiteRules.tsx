/** The dialog **Rules** of one site: who answers it, who in their stead, what stays here, what is set for its models, and taking it all back. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { toConnectionId } from '../../protocol/ids';
import type { SiteRule } from '../../protocol/site-rules';
import type { ConnectionView, Overview, SiteView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { ModelCombobox } from '../ModelCombobox';
import { plainLine } from '../plain-text';
import { subjectText } from '../SiteLabel';
import { Button } from '../ui/Button';
import { Checkbox } from '../ui/Checkbox';
import { Dialog } from '../ui/Dialog';
import { Disclosure } from '../ui/Disclosure';
import { Select } from '../ui/Select';
import { useAction } from '../use-action';
import { FallbackList } from './FallbackList';
import { MappedModels } from './MappedModels';
import { focusFirstWrong } from './settings/focus-first-wrong';
import { SettingsFields } from './settings/SettingsFields';
import { useSiteSettings } from './settings/use-site-settings';

interface SiteRulesProps {
  readonly site: SiteView;
  readonly overview: Overview;
  readonly changed: () => void;
  readonly onClose: () => void;
}

const noRule: SiteRule = { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped: [] };
const active = '';

/** The rule as it is saved; undefined while it is asked for. */
function useRule(site: SiteView) {
  const { client } = useApp();
  const [rule, setRule] = useState<SiteRule>();
  useEffect(() => {
    // The dialog of a background that died shows its empty form; saving says what is wrong.
    client.call('site-rule', { subject: site.subject }).then(
      (saved) => setRule(saved ?? noRule),
      () => setRule(noRule),
    );
    // Once: what the person changes meanwhile must not be overwritten.
  }, [client]);
  return { rule, change: (fields: Partial<SiteRule>) => setRule((old) => ({ ...(old ?? noRule), ...fields })) };
}

export function SiteRules({ site, overview, changed, onClose }: SiteRulesProps) {
  const { client } = useApp();
  const { rule, change } = useRule(site);
  const [choosesModel, setChoosesModel] = useState(site.choosesModel ?? false);
  const settings = useSiteSettings(rule?.settings);
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (settings.tries > 0 && fields.current) focusFirstWrong(fields.current);
  }, [settings.tries]);
  const { run, failure } = useAction();
  const { subject, state } = site;
  const isAllowed = state.type === 'visit' || state.type === 'always';
  const done = () => {
    changed();
    onClose();
  };
  const set = (action: 'revoke' | 'block' | 'unblock') => run(() => client.call('site-set', { subject, action }).then(done));
  if (!rule) return null;
  const save = () => {
    const read = settings.read();
    if (read.type === 'wrong') return;
    run(() => client.call('site-rule-set', { subject, rule: { ...rule, settings: read.settings }, choosesModel }).then(done));
  };
  return (
    <Dialog title={i18n.t('rules.title', { site: subjectText(subject) })} onClose={onClose}>
      <Answer rule={rule} overview={overview} change={change} />
      <Checkbox
        label={i18n.t('rules.onlyThisComputer')}
        hint={i18n.t('rules.onlyThisComputerHint')}
        checked={rule.onlyThisComputer}
        onChecked={(onlyThisComputer) => change({ onlyThisComputer })}
      />
      <Checkbox
        label={i18n.t('rules.asksEveryTime')}
        hint={i18n.t('rules.asksEveryTimeHint')}
        checked={rule.asksEveryTime}
        onChecked={(asksEveryTime) => change({ asksEveryTime })}
      />
      {isAllowed && (
        <Checkbox
          label={i18n.t('rules.choosesModel')}
          hint={i18n.t('rules.choosesModelHint')}
          checked={choosesModel}
          onChecked={setChoosesModel}
        />
      )}
      <MappedModels connections={overview.connections} mapped={rule.mapped} onChange={(mapped) => change({ mapped })} />
      <div ref={fields}>
        <Disclosure label={i18n.t('settings.site')} open={rule.settings !== undefined}>
          <div class="form-advanced">
            <SettingsFields draft={settings.draft} set={settings.set} errors={settings.errors} of="site" writesChat={false} />
          </div>
        </Disclosure>
      </div>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('extName') }} />}
      <div class="dialog-actions">
        <div class="row dialog-aside">
          {isAllowed && (
            <Button size="small" onClick={() => set('revoke')}>
              {i18n.t('thisSite.revoke')}
            </Button>
          )}
          <Button size="small" kind="danger" onClick={() => set(state.type === 'blocked' ? 'unblock' : 'block')}>
            {state.type === 'blocked' ? i18n.t('thisSite.unblock') : i18n.t('thisSite.block')}
          </Button>
        </div>
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button kind="primary" onClick={save}>
          {i18n.t('rules.save')}
        </Button>
      </div>
    </Dialog>
  );
}

interface AnswerProps {
  readonly rule: SiteRule;
  readonly overview: Overview;
  readonly change: (fields: Partial<SiteRule>) => void;
}

/** First and fallback. */
function Answer({ rule, overview, change }: AnswerProps) {
  const { connections, activeConnection } = overview;
  const find = (id: string | undefined): ConnectionView | undefined => connections.find((other) => other.id === id);
  const first = find(rule.connection) ?? find(activeConnection);
  const options = [
    { value: active, text: i18n.t('rules.active') },
    ...connections.map(({ id, name }) => ({ value: id as string, text: plainLine(name) })),
  ];
  return (
    <>
      <Select
        label={i18n.t('rules.connection')}
        value={rule.connection ?? active}
        options={options}
        onValue={(id) => change({ connection: id === active ? undefined : toConnectionId(id), model: undefined })}
      />
      {first && (
        <ModelCombobox
          key={first.id}
          label={i18n.t('rules.model')}
          connection={first}
          value={rule.model ?? ''}
          placeholder={i18n.t('model.usual')}
          onChoose={(model) => change({ model: model === '' ? undefined : model })}
        />
      )}
      <FallbackList
        connections={connections.filter(({ id }) => id !== first?.id)}
        chosen={rule.fallback}
        onChange={(fallback) => change({ fallback })}
      />
    </>
  );
}
