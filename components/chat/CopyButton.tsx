/** Copies text, and says for a moment that it did. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { IconButton } from '../ui/IconButton';

interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
}

const shown = 2_000;

export function CopyButton({ text, label = i18n.t('common.copy') }: CopyButtonProps) {
  const { shell } = useApp();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), shown);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // A browser that refuses says nothing: then it does not say "Copied" either.
  const copy = () =>
    void shell.copy(text).then(
      () => setIsCopied(true),
      () => setIsCopied(false),
    );
  return <IconButton icon={isCopied ? 'check' : 'copy'} label={isCopied ? i18n.t('common.copied') : label} onClick={copy} />;
}
