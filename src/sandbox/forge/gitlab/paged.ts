import type { RestAnswer, RestRequest } from '../rest/answer.ts'

/** One page of a list, with the headers that GitLab counts pages in. */
export function paged(request: RestRequest, items: readonly unknown[]): RestAnswer {
  const asked = (name: string, fallback: number, max: number) => {
    const value = Number(request.url.searchParams.get(name) ?? fallback)
    return Number.isInteger(value) && value >= 1 ? Math.min(value, max) : fallback
  }
  const size = asked('per_page', 20, 100)
  const page = asked('page', 1, 1_000_000)
  const pages = Math.max(1, Math.ceil(items.length / size))
  return {
    body: items.slice((page - 1) * size, page * size),
    headers: {
      'x-page': String(page),
      'x-per-page': String(size),
      'x-total': String(items.length),
      'x-total-pages': String(pages),
      'x-next-page': page < pages ? String(page + 1) : '',
      'x-prev-page': page > 1 ? String(page - 1) : '',
    },
  }
}
