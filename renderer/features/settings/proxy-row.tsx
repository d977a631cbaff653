import { Button, Radio, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useWording } from '../../texts/texts-context.tsx';
import { SavedMark } from '../../ui/saved-mark.tsx';
import styles from './network-section.module.css';
import { toBypass, toProxyAddress } from './proxy.ts';
import { SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';

const choices = ['system', 'none', 'own'] as const;
type Choice = (typeof choices)[number];

/** As the system says, none, or one of our own choice: that one only counts once its address is saved. */
export function ProxyRow() {
  const { t } = useWording();
  const { settings: { proxy }, set, isFixed } = useSettingsAccess();
  const inForce: Choice = proxy === 'system' || proxy === 'none' ? proxy : 'own';
  const [chosen, setChosen] = useState<Choice>(inForce);
  const fixed = isFixed('proxy');
  const shown = fixed ? inForce : chosen;

  function choose(choice: Choice): void {
    setChosen(choice);
    if (choice !== 'own') void set({ proxy: choice });
  }

  return (
    <SettingRow
      label={t.network.proxy}
      text={t.network.proxyText}
      fixed={fixed}
      below={(
        <>
          <Radio.Group aria-label={t.network.proxy} value={shown} onChange={(value) => choose(value as Choice)}>
            <div className={styles.choices}>
              {choices.map((value) => <Radio key={value} value={value} disabled={fixed} label={t.network.choices[value]} description={t.network.choiceTexts[value]} />)}
            </div>
          </Radio.Group>
          {shown === 'own' ? <ProxyForm key={proxy} /> : null}
        </>
      )}
    />
  );
}

function ProxyForm() {
  const { t } = useWording();
  const { settings, set, isFixed } = useSettingsAccess();
  const kept = settings.proxy === 'system' || settings.proxy === 'none' ? '' : settings.proxy;
  const keptBypass = settings.proxyBypass.join(', ');
  const [address, setAddress] = useState(kept);
  const [bypass, setBypass] = useState(keptBypass);
  const [wrong, setWrong] = useState<{ address?: string; bypass?: string }>({});
  const isKept = kept !== '' && address === kept && bypass === keptBypass;

  function submit(event: FormEvent): void {
    event.preventDefault();
    const proxy = toProxyAddress(address);
    const hosts = toBypass(bypass);
    setWrong({
      ...(proxy === undefined ? { address: t.network.addressInvalid } : {}),
      ...('wrong' in hosts ? { bypass: t.network.bypassInvalid(hosts.wrong) } : {}),
    });
    if (proxy === undefined || 'wrong' in hosts) return;
    // What another has fixed is not sent along: the engine would refuse the whole.
    void set({ proxy, ...(isFixed('proxyBypass') ? {} : { proxyBypass: hosts.hosts }) }).then((taken) => {
      if (!taken) return;
      setAddress(proxy);
      setBypass(hosts.hosts.join(', '));
    });
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <TextInput
        label={t.network.address}
        description={t.network.addressHint}
        disabled={isFixed('proxy')}
        autoFocus={kept === ''}
        inputMode="url"
        spellCheck={false}
        autoComplete="off"
        value={address}
        error={wrong.address}
        onChange={(event) => {
          setAddress(event.currentTarget.value);
          setWrong({ ...wrong, address: undefined });
        }}
      />
      <TextInput
        label={t.network.bypass}
        description={isFixed('proxyBypass') ? t.settings.byAdministrator : t.network.bypassHint}
        disabled={isFixed('proxyBypass')}
        spellCheck={false}
        autoComplete="off"
        value={bypass}
        error={wrong.bypass}
        onChange={(event) => {
          setBypass(event.currentTarget.value);
          setWrong({ ...wrong, bypass: undefined });
        }}
      />
      {isFixed('proxy') && isFixed('proxyBypass') ? null : (
        <div className={styles.buttons}>{isKept ? <SavedMark /> : <Button type="submit" size="sm">{t.settings.save}</Button>}</div>
      )}
    </form>
  );
}
