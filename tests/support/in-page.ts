/**
 * Code that runs inside the pages under test: finds elements by role and accessible name, and acts on them. Its functions are sent as
 * source text, so they know nothing but each other, and all stand in this file (the names of imports change when vitest compiles). It covers the HTML that Oriel's screens are made of, not all of ARIA.
 */
import type { FindOptions, Name } from './browser';

export type NameQuery = { text: string } | { source: string; flags: string } | undefined;

/** The form of a search that can be sent into a page. `role: '*field'` means anything that takes a value. */
export interface ElementQuery {
  role: string;
  name: NameQuery;
  within?: { role: string; name: NameQuery };
  nth?: number;
}

export type InPageAction =
  | { type: 'names' }
  | { type: 'point' }
  | { type: 'fill'; value: string }
  | { type: 'select'; option: string };

export type InPageResult =
  | { type: 'done' }
  | { type: 'names'; names: string[] }
  | { type: 'point'; x: number; y: number }
  /** Not possible now; perhaps a moment later. */
  | { type: 'not-yet'; why: string };

/** Turns what tests write into what pages understand. */
export function toQuery(role: string, name: Name | undefined, options: FindOptions = {}): ElementQuery {
  return {
    role,
    name: toNameQuery(name),
    ...(options.within ? { within: { role: options.within.role, name: toNameQuery(options.within.name) } } : {}),
    ...(options.nth === undefined ? {} : { nth: options.nth }),
  };
}

/** A query in words, for error messages. */
export function describeQuery(query: ElementQuery): string {
  const words = (role: string, name: NameQuery) =>
    `${role === '*field' ? 'field' : role}${name === undefined ? '' : 'text' in name ? ` "${name.text}"` : ` /${name.source}/${name.flags}`}`;
  return words(query.role, query.name) + (query.within ? ` in ${words(query.within.role, query.within.name)}` : '');
}

function toNameQuery(name: Name | undefined): NameQuery {
  if (name === undefined) return undefined;
  return typeof name === 'string' ? { text: name } : { source: name.source, flags: name.flags };
}

function implicitRole(element: Element): string {
  const tag = element.localName;
  const attribute = (name: string) => element.getAttribute(name);
  const named = element.hasAttribute('aria-label') || element.hasAttribute('aria-labelledby') || element.hasAttribute('title');
  if (tag === 'input') {
    const byType: Record<string, string> = {
      button: 'button',
      submit: 'button',
      reset: 'button',
      image: 'button',
      checkbox: 'checkbox',
      radio: 'radio',
      range: 'slider',
      number: 'spinbutton',
      search: 'searchbox',
      hidden: '',
      file: '',
      color: '',
    };
    if (attribute('list') !== null) return 'combobox';
    // A password field has no role in ARIA; for a test it is a text field.
    return byType[attribute('type') ?? 'text'] ?? 'textbox';
  }
  if (tag === 'select') return element.hasAttribute('multiple') || Number(attribute('size') ?? 1) > 1 ? 'listbox' : 'combobox';
  if (tag === 'a' || tag === 'area') return element.hasAttribute('href') ? 'link' : '';
  if (tag === 'img') return attribute('alt') === '' ? 'presentation' : 'img';
  if (tag === 'section') return named ? 'region' : '';
  if (tag === 'form') return named ? 'form' : '';
  if (tag === 'header' || tag === 'footer') {
    const inner = element.closest('article, aside, main, nav, section');
    return inner ? '' : tag === 'header' ? 'banner' : 'contentinfo';
  }
  if (tag === 'th') return attribute('scope') === 'row' ? 'rowheader' : 'columnheader';
  if (/^h[1-6]$/.test(tag)) return 'heading';
  const byTag: Record<string, string> = {
    article: 'article',
    aside: 'complementary',
    button: 'button',
    summary: 'button',
    dialog: 'dialog',
    dd: 'definition',
    details: 'group',
    dt: 'term',
    fieldset: 'group',
    figure: 'figure',
    hr: 'separator',
    li: 'listitem',
    main: 'main',
    menu: 'list',
    meter: 'meter',
    nav: 'navigation',
    ol: 'list',
    option: 'option',
    output: 'status',
    p: 'paragraph',
    progress: 'progressbar',
    search: 'search',
    table: 'table',
    tbody: 'rowgroup',
    thead: 'rowgroup',
    td: 'cell',
    textarea: 'textbox',
    tr: 'row',
    ul: 'list',
  };
  return byTag[tag] ?? '';
}

function roleOf(element: Element): string {
  return element.getAttribute('role')?.trim().split(/\s+/)[0] || implicitRole(element);
}

/** Visible, not hidden from assistive technology, and not behind a modal dialog. */
function isExposed(element: Element): boolean {
  if (element.localName !== 'option' && !element.checkVisibility({ visibilityProperty: true })) return false;
  for (let node: Element | null = element; node; node = node.parentElement ?? ((node.getRootNode() as ShadowRoot).host || null)) {
    if (node.getAttribute('aria-hidden') === 'true' || node.hasAttribute('inert')) return false;
  }
  const modal = [...element.ownerDocument.querySelectorAll('dialog:modal')].pop();
  return !modal || modal.contains(element);
}

/** The text of a subtree as a name is made of it. */
function textOf(node: Node, evenHidden: boolean, without?: Element): string {
  if (node === without) return '';
  if (node.nodeType === 3) return node.nodeValue ?? '';
  if (node.nodeType !== 1) return '';
  const element = node as HTMLElement;
  if (['script', 'style', 'template'].includes(element.localName)) return '';
  if (!evenHidden && (element.getAttribute('aria-hidden') === 'true' || !element.checkVisibility({ visibilityProperty: true })))
    return '';
  const own = element.getAttribute('aria-label') ?? (element.localName === 'img' ? element.getAttribute('alt') : null);
  if (own !== null) return own;
  if (element.localName === 'input' || element.localName === 'textarea') return ` ${(element as HTMLInputElement).value} `;
  if (element.localName === 'select') return ` ${(element as HTMLSelectElement).selectedOptions[0]?.textContent ?? ''} `;
  const inner = [...(element.shadowRoot ?? element).childNodes].map((child) => textOf(child, evenHidden, without)).join('');
  return (getComputedStyle(element).display || 'inline').startsWith('inline') ? inner : ` ${inner} `;
}

/** The accessible name, white space collapsed. */
function nameOf(element: Element): string {
  const clean = (text: string | null | undefined) => (text ?? '').replace(/\s+/g, ' ').trim();
  const labelledBy = element.getAttribute('aria-labelledby');
  if (labelledBy) {
    const root = element.getRootNode() as Document;
    const texts = labelledBy.split(/\s+/).map((id) => root.getElementById(id));
    const name = clean(texts.map((label) => (label ? textOf(label, true) : '')).join(' '));
    if (name) return name;
  }
  if (clean(element.getAttribute('aria-label'))) return clean(element.getAttribute('aria-label'));
  const tag = element.localName;
  const labels = [...((element as HTMLInputElement).labels ?? [])];
  if (labels.length > 0) {
    // A field inside its own label is no part of the name.
    const name = clean(labels.map((label) => textOf(label, true, element)).join(' '));
    if (name) return name;
  }
  const caption: Record<string, string> = { fieldset: 'legend', table: 'caption', figure: 'figcaption' };
  const captionElement = caption[tag] ? [...element.children].find((child) => child.localName === caption[tag]) : undefined;
  if (captionElement) return clean(textOf(captionElement, true));
  const inputType = element.getAttribute('type') ?? '';
  if (tag === 'input' && ['button', 'submit', 'reset'].includes(inputType)) return clean((element as HTMLInputElement).value);
  if (tag === 'img' || inputType === 'image') return clean(element.getAttribute('alt') ?? element.getAttribute('title'));
  const fromContent =
    'button link heading option tab menuitem menuitemcheckbox menuitemradio cell columnheader rowheader row checkbox radio switch treeitem tooltip';
  const content = fromContent.split(' ').includes(roleOf(element)) ? clean(textOf(element, false)) : '';
  return content || clean(element.getAttribute('title')) || clean(element.getAttribute('placeholder'));
}

function allElements(root: ParentNode): Element[] {
  return [...root.querySelectorAll('*')].flatMap((element) => [
    element,
    ...(element.shadowRoot ? allElements(element.shadowRoot) : []),
  ]);
}

function findElements(root: ParentNode, query: ElementQuery): Element[] {
  const fieldRoles = ['textbox', 'searchbox', 'spinbutton', 'combobox', 'slider'];
  const matchesName = (element: Element, name: NameQuery) => {
    if (name === undefined) return true;
    const actual = nameOf(element);
    return 'text' in name ? actual === name.text.replace(/\s+/g, ' ').trim() : new RegExp(name.source, name.flags).test(actual);
  };
  const search = (from: ParentNode, role: string, name: NameQuery) =>
    allElements(from).filter((element) => {
      const actual = roleOf(element);
      const fits = role === '*field' ? fieldRoles.includes(actual) : actual === role;
      return fits && isExposed(element) && matchesName(element, name);
    });
  const roots = query.within ? search(root, query.within.role, query.within.name) : [root];
  const found = [...new Set(roots.flatMap((from) => search(from, query.role, query.name)))];
  return query.nth === undefined ? found : found.slice(query.nth, query.nth + 1);
}

/** Where a mouse would press the element, or why it would not reach it. */
function pointOf(element: Element): InPageResult {
  if (element.matches(':disabled') || element.closest('[aria-disabled="true"]'))
    return { type: 'not-yet', why: 'it is disabled' };
  element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  const box = [...element.getClientRects()].find((candidate) => candidate.width > 0 && candidate.height > 0);
  if (!box) return { type: 'not-yet', why: 'it has no size' };
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  let hit = element.ownerDocument.elementFromPoint(x, y);
  while (hit?.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  const labels = [...((element as HTMLInputElement).labels ?? [])];
  if (hit && [element, ...labels].some((target) => target.contains(hit))) return { type: 'point', x, y };
  return { type: 'not-yet', why: `at its centre lies ${hit ? hit.outerHTML.slice(0, 80) : 'nothing'}` };
}

function fillElement(element: Element, value: string): InPageResult {
  const field = element as HTMLInputElement;
  if (field.disabled || field.readOnly) return { type: 'not-yet', why: 'it cannot be changed' };
  field.focus();
  if (field.isContentEditable) getSelection()?.selectAllChildren(field);
  else field.select();
  const typed = document.execCommand(value === '' ? 'delete' : 'insertText', false, value);
  if (!field.isContentEditable && (!typed || field.value !== value)) {
    // Fields such as range and time take no typed text.
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  field.dispatchEvent(new Event('change', { bubbles: true }));
  return { type: 'done' };
}

function selectOption(element: Element, label: string): InPageResult {
  const select = element as HTMLSelectElement;
  if (select.localName !== 'select') throw new Error('Only native select elements can be chosen from.');
  const clean = (text: string | null) => (text ?? '').replace(/\s+/g, ' ').trim();
  const options = [...select.options];
  const option = options.find((candidate) => clean(candidate.label) === clean(label) && !candidate.disabled);
  if (!option)
    return { type: 'not-yet', why: `its options are: ${options.map((candidate) => clean(candidate.label)).join(', ')}` };
  select.focus();
  option.selected = true;
  select.dispatchEvent(new Event('input', { bubbles: true }));
  select.dispatchEvent(new Event('change', { bubbles: true }));
  return { type: 'done' };
}

/** Finds and acts, in one go. */
function performAction(query: ElementQuery, action: InPageAction): InPageResult {
  const found = findElements(document, query);
  if (action.type === 'names') return { type: 'names', names: found.map(nameOf) };
  const element = found[0];
  if (!element) {
    const others = findElements(document, { role: query.role, name: undefined }).map(nameOf);
    return { type: 'not-yet', why: `there is none; those there are: ${others.map((name) => `"${name}"`).join(', ') || 'none'}` };
  }
  if (found.length > 1) return { type: 'not-yet', why: `there are ${found.length}; say which with nth or within` };
  if (action.type === 'point') return pointOf(element);
  return action.type === 'fill' ? fillElement(element, action.value) : selectOption(element, action.option);
}

const library = [
  implicitRole,
  roleOf,
  isExposed,
  textOf,
  nameOf,
  allElements,
  findElements,
  pointOf,
  fillElement,
  selectOption,
  performAction,
]
  .map(String)
  .join('\n');

/** An expression that finds and acts in the page where it is evaluated, and gives an InPageResult as JSON text. */
export function actionSource(query: ElementQuery, action: InPageAction): string {
  return `(() => { ${library}\nreturn JSON.stringify(performAction(${JSON.stringify(query)}, ${JSON.stringify(action)})); })()`;
}

/** The same finder as a Playwright selector engine, whose selectors are queries as JSON. */
export const playwrightEngineSource = `(() => { ${library}
return {
  query: (root, selector) => findElements(root, JSON.parse(selector))[0] ?? null,
  queryAll: (root, selector) => findElements(root, JSON.parse(selector)),
}; })()`;
