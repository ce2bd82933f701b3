// XML in, as hostile as it comes, and out, with whatever a key holds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { all, one, text, xmlRead } from './read.ts'
import { xml, xmlDocument } from './write.ts'

const read = (body: string, root = 'Delete') => xmlRead(Buffer.from(body), root)
const refused = (body: string | Buffer, root = 'Delete') =>
  assert.throws(() => xmlRead(Buffer.from(body as string), root), { code: 'MalformedXML' })

test('elements are read with and without a namespace, with CDATA, comments and references', () => {
  for (const attributes of ['', ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ' xmlns="http://doc.s3.amazonaws.com/2006-03-01"']) {
    const root = read(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Delete${attributes}><!-- x --><Object><Key>a&amp;b&#x1;&#9731;</Key></Object><Object><Key><![CDATA[<x>&amp;]]></Key></Object></Delete>`,
    )
    assert.deepEqual(
      all(root, 'Object').map((each) => text(each, 'Key')),
      ['a&b\u0001☃', '<x>&amp;'],
    )
  }
  assert.equal(text(one(read('<a:Delete xmlns:a="x"><a:Object><a:Key> k </a:Key></a:Object></a:Delete>'), 'Object'), 'Key'), ' k ')
})

test('attack-31: document types, entities and references to them are refused', () => {
  refused('<!DOCTYPE foo [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&xxe;</Key></Object></Delete>')
  refused('<!DOCTYPE Delete SYSTEM "http://127.0.0.1/x.dtd"><Delete></Delete>')
  refused('<!doctype Delete><Delete/>')
  refused('<Delete><!ENTITY a "b"></Delete>')
  refused('<Delete><Object><Key>&xxe;</Key></Object></Delete>')
  refused('<Delete><Object><Key>&constructor;</Key></Object></Delete>')
  const lol = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')
  refused(`<!DOCTYPE lolz [<!ENTITY l0 "lol">${lol}]><Delete><Object><Key>&l9;</Key></Object></Delete>`)
})

test('what is not well-formed, too deep, of another root or not UTF-8 is refused', () => {
  for (const body of [
    '',
    ' ',
    '<Delete>',
    '<Delete></Delet>',
    '<Delete/><Delete/>',
    'x<Delete/>',
    '<Delete a=1/>',
    '<Other/>',
    '<Delete>&#0;</Delete>',
    '<Delete>&#xd800;</Delete>',
  ])
    refused(body)
  refused(`<Delete>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</Delete>`)
  refused(Buffer.from([0x3c, 0x44, 0xff, 0x3e]))
})

test('names of Object.prototype are elements like others', () => {
  const root = read('<Delete><__proto__>x</__proto__><constructor>y</constructor></Delete>')
  assert.deepEqual(
    root.children.map(({ name, text: inner }) => [name, inner]),
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
  )
})

test('a large body takes no quadratic time', () => {
  const many = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1_000)}</Delete>`
  const beganMs = performance.now()
  read(many)
  refused(`<Delete>${'<!--'.repeat(50_000)}</Delete>`)
  refused(`<Delete>${'&'.repeat(100_000)}</Delete>`)
  refused(`<Delete ${'a="b" '.repeat(20_000)}>`)
  assert.ok(performance.now() - beganMs < 5_000)
})

test('what is written is escaped, control characters as references', () => {
  assert.equal(
    xmlDocument(xml('A', xml('K', `<&>"'\u0001\r\n`), xml('N', 1), false, undefined, [xml('E')])),
    '<?xml version="1.0" encoding="UTF-8"?>\n<A xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><K>&lt;&amp;&gt;&quot;&#39;&#x1;&#xD;&#xA;</K><N>1</N><E></E></A>',
  )
})
