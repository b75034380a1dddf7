import { RestFailure } from '../rest/answer.ts'

/** A failure of one field: `{"message": {"name": ["has already been taken"]}}`. */
export class FieldFailure extends RestFailure {
  readonly fields: Readonly<Record<string, readonly string[]>>

  constructor(fields: Readonly<Record<string, readonly string[]>>) {
    super(400, 'validation failed')
    this.fields = fields
  }
}
