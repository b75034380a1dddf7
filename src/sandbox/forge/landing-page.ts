/** What a browser sees: where things are. */
export function landingPage(url: string): string {
  return `<!doctype html>
<title>Sluice sandbox forge</title>
<h1>Sluice sandbox forge</h1>
<p>A Git host on this machine. Clone from <code>${url}/OWNER/REPOSITORY.git</code>; the REST API is at <code>${url}/api/v3</code>.</p>
`
}
