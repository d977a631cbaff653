import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import type { NegotiationState } from '../../../shared/domain/account.ts';
import { useAccount, useClient, useNow } from '../../client/client-context.tsx';
import { toGatewayAddress } from '../../client/gateway-address.ts';
import { typeName } from '../../texts/type-name.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { SavedMark } from '../../ui/saved-mark.tsx';
import { negotiationText } from './negotiation-text.ts';
import styles from './server-section.module.css';
import { SettingGroup, SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';

export function ServerSection() {
  const { settings } = useSettingsAccess();
  return (
    <>
      <Gateway key={settings.gateway} present={settings.gateway ?? ''} />
      <Contract />
    </>
  );
}

function Gateway({ present }: { present: string }) {
  const { t } = useWording();
  const { set, isFixed } = useSettingsAccess();
  const [typed, setTyped] = useState(present);
  const [error, setError] = useState<string>();
  const address = toGatewayAddress(typed);
  const fixed = isFixed('gateway');

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (address) void set({ gateway: address });
    else setError(t.signIn.serverInvalid);
  }

  return (
    <SettingGroup>
      <SettingRow
        label={t.signIn.serverAddress}
        text={t.settings.serverText}
        fixed={fixed}
        below={(
          <form className={styles.gateway} onSubmit={submit} noValidate>
            <TextInput
              className={styles.address}
              aria-label={t.signIn.serverAddress}
              disabled={fixed}
              inputMode="url"
              spellCheck={false}
              autoComplete="off"
              placeholder="https://"
              value={typed}
              error={error}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setError(undefined);
              }}
            />
            {fixed ? null : address === present && present !== '' ? <SavedMark /> : <Button type="submit">{t.settings.save}</Button>}
          </form>
        )}
      />
    </SettingGroup>
  );
}

/** Asked anew whenever the account tells of something new: what the gateway accepts comes with it. */
function useNegotiation(): NegotiationState | undefined {
  const client = useClient();
  const account = useAccount();
  const [negotiation, setNegotiation] = useState<NegotiationState>();
  useEffect(() => {
    let outdated = false;
    client.call.getNegotiation().then((answer) => { if (!outdated) setNegotiation(answer); }, () => undefined);
    return () => { outdated = true; };
  }, [client, account]);
  return negotiation;
}

function Contract() {
  const wording = useWording();
  const { t } = wording;
  const now = useNow(30_000);
  const negotiation = useNegotiation();
  if (!negotiation) return null;
  const { limits } = negotiation;
  const { plain, technical, asked } = negotiationText(wording, negotiation, now);
  return (
    <SettingGroup label={t.settings.contract}>
      <SettingRow
        label={plain}
        text={technical}
        below={asked ? <p className={styles.asked}>{asked.text}{asked.detail ? <span className={`${styles.detail} selectable`}>{asked.detail}</span> : null}</p> : undefined}
      />
      {limits ? (
        <SettingRow label={t.settings.limits}>
          <span className="numbers">{t.add.limits(limits.acceptedTypes.map(typeName).join(', '), wording.bytes(limits.maxFileBytes))}</span>
        </SettingRow>
      ) : null}
    </SettingGroup>
  );
}
