import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultFetchRules } from '../platform/guarded-fetch/rules.ts'
import { imageSettings } from './image-settings.ts'

const wrong = (what: string): never => {
  throw new Error(what)
}

test('attack-19 an operator says where users’ URLs may lead, and a setting that is not understood is no rule', () => {
  assert.deepEqual(imageSettings({}, wrong), {})
  assert.deepEqual(
    imageSettings(
      {
        import_filtering_opts: { disallowed_hosts: ['10.0.0.0/8', '::1', 'Internal.Example'], allowed_ports: [80, 8080] },
        image: { http_locations: true },
      },
      wrong,
    ),
    {
      fetchRules: { ...defaultFetchRules, notHosts: ['10.0.0.0/8', '::1', 'internal.example'], ports: [80, 8080] },
      imageLocations: true,
    },
  )
  for (const content of [
    { import_filtering_opts: { nosuch: [] } },
    { import_filtering_opts: { constructor: [] } },
    { import_filtering_opts: [] },
    { import_filtering_opts: null },
    { import_filtering_opts: { allowed_ports: ['80'] } },
    { import_filtering_opts: { allowed_ports: 80 } },
    { import_filtering_opts: { allowed_ports: [0] } },
    { import_filtering_opts: { allowed_schemes: ['file'] } },
    { import_filtering_opts: { disallowed_hosts: ['10.0.0.0/33'] } },
    { import_filtering_opts: { disallowed_hosts: ['a b'] } },
    { import_filtering_opts: { allowed_hosts: ['name/8'] } },
    { image: { http_locations: 'yes' } },
    { image: { other: true } },
    { image: true },
  ])
    assert.throws(() => imageSettings(content as never, wrong), Error, JSON.stringify(content))
})
