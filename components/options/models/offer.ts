/** A model file that could be downloaded, as the person is asked about it. */
export interface Offer {
  readonly name: string;
  readonly url: string;
  /** Absent: the server does not tell. */
  readonly bytes: number | undefined;
  readonly licence: string | undefined;
  /** Whether it is known what the right file is. */
  readonly isChecked: boolean;
  readonly accept: () => void;
}
