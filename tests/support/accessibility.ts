/** Writes the browser's accessibility tree down as lines that a test can compare. */

/** A node as the DevTools protocol tells it. */
interface Node {
  readonly nodeId: string;
  readonly ignored: boolean;
  readonly role?: { readonly value?: unknown };
  readonly name?: { readonly value?: unknown };
  readonly childIds?: readonly string[];
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[];
}

/** Text is in the names of what it is in, and around boxes nothing is said. */
const silent = [
  'StaticText',
  'InlineTextBox',
  'generic',
  'none',
  'RootWebArea',
  'LabelText',
  'paragraph',
  'ListMarker',
  'MenuListPopup',
];
/** What is said of a node beside its role and name. */
const told = ['focused', 'expanded', 'pressed', 'checked', 'disabled', 'live', 'level', 'modal'];

function line({ role, name, properties = [] }: Node): string {
  const states = properties
    .filter((property) => told.includes(property.name) && property.value.value !== false && property.value.value !== 'false')
    .map((property) => (property.value.value === true ? property.name : `${property.name} ${property.value.value}`));
  const named = name?.value ? ` "${String(name.value)}"` : '';
  return `${role?.value}${named}${states.length > 0 ? ` (${states.join(', ')})` : ''}`;
}

/** From the top, in reading order. */
export function describeTree(nodes: readonly Node[]): string[] {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const walk = (node: Node | undefined): string[] => {
    if (!node) return [];
    const below = (node.childIds ?? []).flatMap((id) => walk(byId.get(id)));
    return node.ignored || silent.includes(String(node.role?.value)) ? below : [line(node), ...below];
  };
  return walk(nodes[0]);
}
