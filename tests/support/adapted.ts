/** What is asked in a page of what people with a contrast theme or without motion see. Sent as source text: each function stands alone. */

/**
 * Which controls do not show what they are where the browser decides on colours: without an edge, without a mark of the focus, or without one
 * of being chosen. Colours of text and ground do not count. Moves the focus.
 */
export function unmarked(): string[] {
  const nameOf = (element: Element) =>
    `${element.localName}.${element.className} ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}`;
  const isSeen = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const edgeOf = (element: Element) => {
    const { borderTopWidth, borderTopStyle, borderTopColor, outlineWidth, outlineStyle, outlineColor } =
      getComputedStyle(element);
    const border = borderTopStyle === 'none' ? '' : `${borderTopWidth} ${borderTopColor}`;
    const outline = outlineStyle === 'none' || outlineWidth === '0px' ? '' : `${outlineWidth} ${outlineColor}`;
    return `${border} / ${outline}`;
  };
  const hasBorder = (element: Element) => {
    const { borderTopWidth, borderTopStyle, borderTopColor } = getComputedStyle(element);
    return borderTopStyle !== 'none' && borderTopWidth !== '0px' && !/^rgba\(.*, 0\)$|^transparent$/.test(borderTopColor);
  };
  /** Where a control is drawn: some lie invisible over what shows them. */
  const drawn = (control: Element) =>
    control.closest('.door') ?? control.closest('.choice label')?.querySelector('span') ?? control;
  const found: string[] = [];

  for (const control of document.querySelectorAll('button, .button, input, select, textarea')) {
    const isNative = control.matches('[type="checkbox"], [type="file"]');
    if (isSeen(control) && !isNative && !hasBorder(drawn(control))) found.push(`no edge: ${nameOf(control)}`);
  }
  const open = document.querySelector('dialog[open]') ?? document;
  for (const control of open.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    if (!isSeen(control)) continue;
    control.blur();
    const before = edgeOf(drawn(control));
    control.focus({ focusVisible: true } as FocusOptions);
    if (document.activeElement === control && edgeOf(drawn(control)) === before) found.push(`no focus: ${nameOf(control)}`);
  }
  const chosen = '[aria-current], [aria-selected="true"], .door:has([aria-expanded="true"]), .choice label:has(:checked) span';
  for (const element of document.querySelectorAll(chosen)) {
    (document.activeElement as HTMLElement | null)?.blur();
    const others = [...(element.closest('nav, [role="listbox"], .doors, .choice')?.querySelectorAll(element.localName) ?? [])];
    const other = others.find((one) => one.className === element.className && !one.matches(chosen));
    if (other && edgeOf(other) === edgeOf(element)) found.push(`no mark: ${nameOf(element)}`);
  }
  return found;
}

/** What moves, or would when it changes. */
export function atRest(): string[] {
  const found = document.getAnimations().map((animation) => `moves: ${animation.constructor.name}`);
  for (const element of document.querySelectorAll('*'))
    for (const part of [null, '::before', '::after', '::backdrop']) {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element, part);
      if (/[1-9]/.test(transitionDuration) || animationName !== 'none' || scrollBehavior === 'smooth')
        found.push(`would move: ${element.localName}.${element.className}${part ?? ''}`);
    }
  return found;
}
