#!/usr/bin/env node
// Writes go-types.generated.ts: the fields of the builtin API types as their Go sources declare them.
// OpenAPI does not tell which fields are pointers, which may be left out of JSON, or their protobuf numbers; the sources do.
//   cd "$(mktemp -d)" && go mod init x && for m in api apimachinery apiextensions-apiserver kube-aggregator; do go mod download k8s.io/$m@v0.36.2; done
//   node src/sandbox/cluster/go-types/generate.mjs "$(go env GOMODCACHE)/k8s.io" v0.36.2
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [root, version] = process.argv.slice(2)
const groups = [
  'core',
  'apps',
  'events',
  'authentication',
  'authorization',
  'autoscaling',
  'batch',
  'certificates',
  'networking',
  'policy',
  'rbac',
  'storage',
  'admissionregistration',
  'scheduling',
  'coordination',
  'node',
  'discovery',
  'resource',
  'flowcontrol',
]
const packages = [
  ...groups.map(group => [`${group}/v1`, `api@${version}/${group}/v1`]),
  ['autoscaling/v2', `api@${version}/autoscaling/v2`],
  ['meta/v1', `apimachinery@${version}/pkg/apis/meta/v1`],
  ['apiextensions/v1', `apiextensions-apiserver@${version}/pkg/apis/apiextensions/v1`],
  ['apiregistration/v1', `kube-aggregator@${version}/pkg/apis/apiregistration/v1`],
]
const scalars = {
  string: 's',
  bool: 'b',
  int32: 'i',
  int64: 'l',
  int: 'l',
  uint32: 'i',
  float64: 'd',
  float32: 'd',
  byte: 'y',
  'types.UID': 's',
}
// Types with a JSON form of their own.
const special = {
  'meta/v1.Time': 'T',
  'meta/v1.MicroTime': 'M',
  'meta/v1.Duration': 'D',
  'meta/v1.FieldsV1': 'F',
  'resource.Quantity': 'Q',
  'intstr.IntOrString': 'I',
  'runtime.RawExtension': 'R',
  'apiextensions/v1.JSON': 'J',
  'apiextensions/v1.JSONSchemaPropsOrBool': 'J',
  'apiextensions/v1.JSONSchemaPropsOrArray': 'J',
  'apiextensions/v1.JSONSchemaPropsOrStringArray': 'J',
  // A schema is kept as it was written: it can be cyclic in Go and is checked elsewhere.
  'apiextensions/v1.JSONSchemaProps': 'J',
}

const structs = new Map()
const named = new Map()
for (const [name, dir] of packages) {
  const path = join(root, dir)
  for (const file of readdirSync(path)) {
    if (/^(types.*|micro_time|time|duration|.*_types)\.go$/.test(file) && !file.endsWith('_test.go'))
      read(name, readFileSync(join(path, file), 'utf8'))
  }
}

function read(pkg, text) {
  const imports = new Map()
  for (const [, alias, path] of text.matchAll(/^(?:import)?\s*(\w+)?\s*"(k8s\.io\/[^"]+)"$/gm)) {
    const short = path.replace(/^k8s\.io\/api\//, '').replace(/^k8s\.io\/apimachinery\/pkg\/apis\//, '')
    imports.set(alias ?? path.split('/').at(-1), /^\w+\/v\d$/.test(short) ? short : undefined)
  }
  for (const [, name, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields = []
    for (const line of body.split('\n')) {
      const match = /^\t(?:(\w+)\s+)?(\S+)\s+`([^`]*)`/.exec(line)
      if (!match) continue
      const [, goName, type, tags] = match
      const json = /json:"([^"]*)"/.exec(tags)?.[1]
      if (json === undefined || json === '-') continue
      const [jsonName, ...options] = json.split(',')
      const number = /protobuf:"\w+,(\d+)/.exec(tags)?.[1] ?? '0'
      const flag = options.includes('omitzero') ? 'z' : options.includes('omitempty') ? '' : '!'
      const inline = options.includes('inline') || (jsonName === '' && goName === undefined)
      fields.push({ name: inline ? '' : jsonName, type, number, flag: inline ? '' : flag, imports, pkg })
    }
    structs.set(`${pkg}.${name}`, fields)
  }
  for (const [, name] of text.matchAll(/^type (\w+) struct ?\{\s*\}/gm)) structs.set(`${pkg}.${name}`, [])
  for (const [, name, type] of text.matchAll(/^type (\w+) ((?:map\[|\[\]|\*)?[\w.[\]*]+)$/gm)) {
    if (type !== 'struct' && type !== 'interface') named.set(`${pkg}.${name}`, { type, imports, pkg })
  }
}

function encode({ type, imports, pkg }) {
  if (type === 'interface{}' || type === 'any') return 'J'
  if (type.startsWith('*')) return `*${encode({ type: type.slice(1), imports, pkg })}`
  if (type === '[]byte') return 'B'
  if (type.startsWith('[]')) return `[${encode({ type: type.slice(2), imports, pkg })}`
  const map = /^map\[[\w.]+\](.*)$/.exec(type)
  if (map) return `{${encode({ type: map[1], imports, pkg })}`
  if (scalars[type]) return scalars[type]
  const [alias, short] = type.includes('.') ? type.split('.') : [undefined, type]
  const key = alias === undefined ? `${pkg}.${short}` : `${imports.get(alias) ?? alias}.${short}`
  if (special[key]) return special[key]
  if (structs.has(key)) return `#${key}`
  const alias2 = named.get(key)
  if (!alias2) throw new Error(`${pkg}: what is ${type} (${key})?`)
  const inner = encode(alias2)
  return inner === 's' ? `s${short}` : inner
}

// Only what can be reached from objects that are served.
const wanted = new Set()
function reach(key) {
  if (wanted.has(key)) return
  wanted.add(key)
  for (const field of structs.get(key)) {
    const at = encode(field).indexOf('#')
    if (at >= 0) reach(encode(field).slice(at + 1))
  }
}
for (const [key, fields] of structs) {
  if (fields.some(field => field.type === 'metav1.TypeMeta' || field.type === 'TypeMeta') && !key.endsWith('List'))
    reach(key)
}
const lines = [...wanted].sort().map(key => {
  const fields = structs.get(key).map(field => `${field.name}:${encode(field)}:${field.number}${field.flag}`)
  return [key, ...fields].join('|')
})
const out = join(dirname(fileURLToPath(import.meta.url)), 'go-types.generated.ts')
writeFileSync(
  out,
  `// Written by generate.mjs from the Kubernetes API types ${version}. Do not edit.\nexport const goTypes = \`${lines.join('\n')}\`\n`,
)
console.log(lines.length, 'types')
