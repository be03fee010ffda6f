/** A state in one or two words. */

interface BadgeProps {
  readonly kind: 'good' | 'problem' | 'plain';
  readonly text: string;
}

export const Badge = ({ kind, text }: BadgeProps) => (
  <span class="badge" data-kind={kind}>
    {text}
  </span>
);
