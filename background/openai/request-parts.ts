/** Owns what OpenAI's APIs have in common in a request: parts of messages, tools, formats, samplers. Neutral shapes come out; what they may hold is checked by the page's schema. */

import type { Part, ResponseFormat, Tool, ToolChoice } from '../../protocol/generate';
import { type Fields, fieldsAt, isFields, listAt, present, stringAt } from './fields';
import { WireError } from './wire-error';

/** Names of the request's members that mean the same in every API, and in many front ends beside them. */
export const commonFields = (body: Fields): Fields =>
  present({
    model: body.model,
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    minP: body.min_p,
    seed: body.seed,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    repetitionPenalty: body.repetition_penalty,
    stop: stopOf(body.stop),
    outputs: body.n,
  });

/** One sequence or several; an empty one stops nothing. */
function stopOf(stop: unknown): unknown {
  const list = typeof stop === 'string' ? [stop] : stop;
  const filled = Array.isArray(list) ? list.filter((one) => one !== '') : list;
  return Array.isArray(filled) && filled.length === 0 ? undefined : filled;
}

/** What newer models call more than `high`. */
export const effortOf = (effort: unknown): unknown => (effort === 'xhigh' || effort === 'max' ? 'high' : effort);

/** Text, or a list of parts in either API's names. @throws WireError */
export function contentOf(content: unknown, param: string): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return listAt(content, param).map((part, index) => partOf(fieldsAt(part, `${param}[${index}]`), `${param}[${index}]`));
}

function partOf(part: Fields, param: string): Part {
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: stringAt(part.text, `${param}.text`) };
    case 'refusal':
      return { type: 'text', text: stringAt(part.refusal, `${param}.refusal`) };
    case 'image_url': {
      const url = isFields(part.image_url) ? part.image_url.url : part.image_url;
      return imageOf(stringAt(url, `${param}.image_url`), `${param}.image_url`);
    }
    case 'input_image':
      return imageOf(stringAt(part.image_url, `${param}.image_url`), `${param}.image_url`);
    case 'input_audio': {
      const audio = fieldsAt(part.input_audio, `${param}.input_audio`);
      const data = stringAt(audio.data, `${param}.input_audio.data`);
      return { type: 'audio', mediaType: audio.format === 'mp3' ? 'audio/mpeg' : `audio/${audio.format}`, data };
    }
    default:
      throw new WireError(`'${param}.type' is not supported: use text, image_url or input_audio.`, `${param}.type`);
  }
}

/** Nothing is fetched for a page: its address could be one of the person's own network. */
function imageOf(url: string, param: string): Part {
  const [, mediaType, data] = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(url) ?? [];
  if (mediaType === undefined || data === undefined)
    throw new WireError(`'${param}' must be a data: URL in base64. Oriel fetches no image from the web.`, param);
  return { type: 'image', mediaType: mediaType === 'image/jpg' ? 'image/jpeg' : mediaType, data };
}

/** `{ name, description, parameters }`, as both APIs write a function. @throws WireError */
export function toolOf(value: unknown, param: string): Tool {
  const { name, description, parameters } = fieldsAt(value, param);
  return {
    name: stringAt(name, `${param}.name`),
    ...(typeof description === 'string' && { description }),
    // A function without parameters takes none.
    parameters: isFields(parameters) ? parameters : { type: 'object', properties: {} },
  };
}

/** @param nameOf where the API keeps the name of a function that must be called */
export function toolChoiceOf(choice: unknown, param: string, nameOf: (choice: Fields) => unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const name = isFields(choice) ? nameOf(choice) : undefined;
  if (typeof name !== 'string')
    throw new WireError(`'${param}' is not supported: name a function, or use auto, none or required.`, param);
  return { name };
}

/** The tools and their choice, as members of a request; none where none is offered. */
export const toolFields = (tools: readonly Tool[], toolChoice: ToolChoice | undefined): Fields =>
  tools.length === 0 ? {} : present({ tools, toolChoice });

/** Any JSON at all is asked for as a schema that every object fits. */
const anyObject: ResponseFormat = { type: 'json-schema', schema: { type: 'object' } };

/**
 * @param format `{ type }`, with what a schema needs in it or below it
 * @throws WireError
 */
export function formatOf(format: unknown, param: string): ResponseFormat | undefined {
  if (format === undefined || format === null) return undefined;
  const fields = fieldsAt(format, param);
  switch (fields.type) {
    case 'text':
      return undefined;
    case 'json_object':
      return anyObject;
    case 'json_schema': {
      const inner = isFields(fields.json_schema) ? fields.json_schema : fields;
      const schema = fieldsAt(inner.schema, `${param}.schema`);
      return { type: 'json-schema', schema, ...(typeof inner.name === 'string' && { name: inner.name }) };
    }
    default:
      throw new WireError(`'${param}.type' is not supported: use text, json_object or json_schema.`, `${param}.type`);
  }
}
