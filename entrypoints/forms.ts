import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { answerFormOf } from '../background/answer-form';
import { formed } from '../background/formed';
import { offer } from '../background/on-demand';
import { answerOpenAi } from '../background/openai/endpoints';

/** The part of the background that gives an answer another form: that of a schema, or of OpenAI's API. */
export default defineUnlistedScript(() => offer('forms', { answerOpenAi, answerFormOf, formed }));
