/** Shows a model's answer: elements for what the tree holds, text for everything else. Nothing in it is loaded; a link leads on only when it is clicked. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { i18n } from '#i18n';
import { CopyButton } from './CopyButton';
import { type Block, type Blocks, parseMarkdown } from './markdown';
import type { Inline } from './markdown-inline';

export function Markdown({ text }: { readonly text: string }) {
  // Kept as it was drawn, so that a long conversation is not gone through for each word of its last answer.
  const drawn = useMemo(() => <BlockList blocks={parseMarkdown(text)} />, [text]);
  return <div class="markdown">{drawn}</div>;
}

const BlockList = ({ blocks }: { readonly blocks: Blocks }) => (
  <>
    {blocks.map((block, index) => (
      <BlockView key={index} block={block} />
    ))}
  </>
);

function BlockView({ block }: { readonly block: Block }) {
  switch (block.type) {
    case 'paragraph':
      return (
        <p dir="auto">
          <InlineList content={block.content} />
        </p>
      );
    case 'heading': {
      // Below the headings of the conversation itself.
      const Heading = `h${Math.min(6, block.rank + 2)}` as 'h3';
      return (
        <Heading dir="auto" data-level={block.level}>
          <InlineList content={block.content} />
        </Heading>
      );
    }
    case 'code':
      return <CodeView language={block.language} text={block.text} />;
    case 'list': {
      const items = block.items.map((item, index) => (
        <li key={index} dir="auto">
          <BlockList blocks={item} />
        </li>
      ));
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case 'quote':
      return (
        <blockquote>
          <BlockList blocks={block.content} />
        </blockquote>
      );
    case 'table':
      return <TableView head={block.head} rows={block.rows} />;
    case 'rule':
      return <hr />;
  }
}

function CodeView({ language, text }: { readonly language: string; readonly text: string }) {
  return (
    <figure class="code" aria-label={language === '' ? i18n.t('chat.code') : i18n.t('chat.codeIn', { language })}>
      <div class="code-head">
        <span>{language}</span>
        <CopyButton text={text} label={i18n.t('chat.copyCode')} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

type Cells = readonly (readonly Inline[])[];

function TableView({ head, rows }: { readonly head: Cells; readonly rows: readonly Cells[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <figure class="table" aria-label={i18n.t('chat.table')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} dir="auto" scope="col">
                <InlineList content={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} dir="auto">
                  <InlineList content={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

const InlineList = ({ content }: { readonly content: readonly Inline[] }) => (
  <>
    {content.map((part, index) => (
      <InlineView key={index} part={part} />
    ))}
  </>
);

function InlineView({ part }: { readonly part: Inline }) {
  switch (part.type) {
    case 'text':
      return <>{part.text}</>;
    case 'code':
      return <code>{part.text}</code>;
    case 'strong':
      return (
        <strong>
          <InlineList content={part.content} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <InlineList content={part.content} />
        </em>
      );
    case 'struck':
      return (
        <s>
          <InlineList content={part.content} />
        </s>
      );
    case 'link':
      return (
        <LinkView address={part.address} site={part.site}>
          <InlineList content={part.content} />
        </LinkView>
      );
    case 'image':
      return (
        <LinkView address={part.address} site={part.site}>
          {part.text === '' ? i18n.t('chat.imageAlone') : i18n.t('chat.image', { text: part.text })}
        </LinkView>
      );
  }
}

interface LinkViewProps {
  readonly address: string;
  readonly site: string | undefined;
  readonly children: ComponentChildren;
}

const LinkView = ({ address, site, children }: LinkViewProps) => (
  <a href={address} title={address} target="_blank" rel="noopener noreferrer">
    {children}
    {site !== undefined && <bdi class="link-site"> ({site})</bdi>}
  </a>
);
