/** The calls that a model makes of tools: what they say, and the tools that the page left to the session. */

import type { Part } from '../../protocol/generate';
import { chosen, mapped } from '../lists';
import { isArray, parse, stringify } from '../realm';
import type { UsableTool } from './tools';

export type ToolCallPart = Extract<Part, { type: 'tool-call' }>;

/** Undefined where the model wrote no JSON. */
export function argumentsOf({ arguments: text }: ToolCallPart): object | undefined {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value && !isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const executeOf = (tools: readonly UsableTool[], { name }: ToolCallPart) =>
  chosen(tools, (tool) => tool.name === name)[0]?.execute;

/** Whether the session calls them: where the page left each of them to it. */
export const areOurs = (tools: readonly UsableTool[], calls: readonly ToolCallPart[]): boolean =>
  calls.length > 0 && chosen(calls, (call) => !executeOf(tools, call)).length === 0;

/** All at once; what a tool throws is told to the model. */
export async function callAll(tools: readonly UsableTool[], calls: readonly ToolCallPart[]): Promise<Part[]> {
  const running = mapped(calls, async (call) => {
    try {
      return `${await executeOf(tools, call)?.(argumentsOf(call))}`;
    } catch (error) {
      return stringify({ error: `${error}` });
    }
  });
  const results: Part[] = [];
  for (let index = 0; index < calls.length; index += 1) {
    results[index] = { type: 'tool-result', id: (calls[index] as ToolCallPart).id, result: (await running[index]) as string };
  }
  return results;
}
