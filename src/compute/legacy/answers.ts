// What neighbours answer to the operations that Nova's old faces call: of their JSON, what those faces read.

export interface Network {
  id: string
  name: string
}

export interface FloatingIp {
  id: string
  floating_ip_address: string
  fixed_ip_address: string | null
  floating_network_id: string
  port_id: string | null
}

export interface NeutronRule {
  id: string
  security_group_id: string
  direction: string
  protocol: string | null
  port_range_min: number | null
  port_range_max: number | null
  remote_group_id: string | null
  remote_ip_prefix: string | null
}

export interface NeutronGroup {
  id: string
  name: string
  description: string
  tenant_id: string
  security_group_rules: NeutronRule[]
}

export interface GlanceImage {
  id: string
  name: string | null
  status: string
  size: number | null
  min_disk: number
  min_ram: number
  created_at: string
  updated_at: string
  [property: string]: unknown
}

export interface Volume {
  id: string
  status: string
  size: number
  availability_zone: string
  created_at: string
  name: string | null
  description: string | null
  volume_type: string | null
  snapshot_id: string | null
  metadata: Record<string, string>
  attachments: { server_id: string; device: string | null }[]
}

export interface Snapshot {
  id: string
  status: string
  size: number
  created_at: string
  name: string | null
  description: string | null
  volume_id: string
}

/** By operation; the first part of a path says whose it is. */
export interface Answers {
  'GET /networks': { networks: Network[] }
  'GET /networks/:id': { network: Network }
  'GET /ports/:id': { port: { device_id: string } }
  'GET /floatingips': { floatingips: FloatingIp[] }
  'POST /floatingips': { floatingip: FloatingIp }
  'GET /floatingips/:id': { floatingip: FloatingIp }
  'PUT /floatingips/:id': { floatingip: FloatingIp }
  'DELETE /floatingips/:id': undefined
  'GET /security-groups': { security_groups: NeutronGroup[] }
  'POST /security-groups': { security_group: NeutronGroup }
  'GET /security-groups/:id': { security_group: NeutronGroup }
  'PUT /security-groups/:id': { security_group: NeutronGroup }
  'DELETE /security-groups/:id': undefined
  'POST /security-group-rules': { security_group_rule: NeutronRule }
  'DELETE /security-group-rules/:id': undefined
  'GET /images': { images: GlanceImage[] }
  'GET /images/:id': GlanceImage
  'PATCH /images/:id': GlanceImage
  'DELETE /images/:id': undefined
  'GET /volumes/detail': { volumes: Volume[] }
  'POST /volumes': { volume: Volume }
  'GET /volumes/:id': { volume: Volume }
  'DELETE /volumes/:id': undefined
  'GET /snapshots/detail': { snapshots: Snapshot[] }
  'POST /snapshots': { snapshot: Snapshot }
  'GET /snapshots/:id': { snapshot: Snapshot }
  'DELETE /snapshots/:id': undefined
}
