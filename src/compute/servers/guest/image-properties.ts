// The image properties that compute gives a meaning, with the values each may have: facts from Nova's ImageMetaProps
// and its enumerations (openstack/nova nova/objects/image_meta.py, nova/objects/fields.py, mid 2026).
import { wordsOf } from '../../../platform/words-of.ts'

/** the values that a property may have; 'text' is any */
export type PropertyValues = 'text' | 'integer' | 'boolean' | 'uuid' | 'predicate' | 'list' | readonly string[]

const diskBuses = ['fdc', 'ide', 'sata', 'scsi', 'usb', 'virtio', 'xen', 'lxc', 'uml'] as const
const architectures = wordsOf(`
  alpha armv6 armv7l armv7b aarch64 cris i686 ia64 lm32 m68k microblaze microblazeel mips mipsel mips64 mips64el openrisc parisc
  parisc64 ppc ppcle ppc64 ppc64le ppcemb s390 s390x sh4 sh4eb sparc sparc64 unicore32 x86_64 xtensa xtensaeb
`)
const hypervisors = wordsOf(`
  baremetal bhyve docker fake hyperv ironic kqemu kvm lxc lxd openvz parallels phyp qemu test uml vbox vz vmware xen zvm prsm
`)
const vifModels = wordsOf(`
  virtio ne2k_pci pcnet rtl8139 e1000 e1000e netfront spapr-vlan lan9118 igb sriov vmxnet vmxnet3
`)

/** property → what it may be, by its present name */
export const imageProperties: ReadonlyMap<string, PropertyValues> = new Map<string, PropertyValues>([
  ['hw_architecture', architectures],
  ['hw_emulation_architecture', architectures],
  ['hw_auto_disk_config', 'text'],
  ['hw_boot_menu', 'boolean'],
  ['hw_cdrom_bus', diskBuses],
  ['hw_cpu_cores', 'integer'],
  ['hw_cpu_sockets', 'integer'],
  ['hw_cpu_threads', 'integer'],
  ['hw_cpu_max_cores', 'integer'],
  ['hw_cpu_max_sockets', 'integer'],
  ['hw_cpu_max_threads', 'integer'],
  ['hw_cpu_policy', ['dedicated', 'shared', 'mixed']],
  ['hw_cpu_thread_policy', ['prefer', 'isolate', 'require']],
  ['hw_cpu_realtime_mask', 'text'],
  ['hw_device_id', 'integer'],
  ['hw_disk_bus', diskBuses],
  ['hw_disk_type', 'text'],
  ['hw_floppy_bus', diskBuses],
  ['hw_firmware_type', ['uefi', 'bios']],
  ['hw_firmware_stateless', 'boolean'],
  ['hw_input_bus', ['usb', 'virtio']],
  ['hw_ipxe_boot', 'boolean'],
  ['hw_locked_memory', 'boolean'],
  ['hw_machine_type', 'text'],
  ['hw_mem_encryption', 'boolean'],
  ['hw_mem_encryption_model', ['amd-sev', 'amd-sev-es', 'amd-sev-snp']],
  ['hw_mem_page_size', 'text'],
  ['hw_numa_nodes', 'integer'],
  ['hw_numa_cpus', 'list'],
  ['hw_numa_mem', 'list'],
  ['hw_pci_numa_affinity_policy', ['required', 'legacy', 'preferred', 'socket']],
  ['hw_pointer_model', ['usbtablet']],
  ['hw_pmu', 'boolean'],
  ['hw_qemu_guest_agent', 'boolean'],
  ['hw_rescue_bus', diskBuses],
  ['hw_rescue_device', ['cdrom', 'disk', 'floppy', 'fs', 'lun']],
  ['hw_rng_model', ['virtio']],
  ['hw_time_hpet', 'boolean'],
  ['hw_serial_port_count', 'integer'],
  [
    'hw_scsi_model',
    ['buslogic', 'ibmvscsi', 'lsilogic', 'lsisas1068', 'lsisas1078', 'virtio-scsi', 'vmpvscsi', 'lsilogicsas', 'paravirtual'],
  ],
  ['hw_video_model', ['cirrus', 'qxl', 'vga', 'vmvga', 'xen', 'virtio', 'gop', 'none', 'bochs']],
  ['hw_video_ram', 'integer'],
  [
    'hw_vif_model',
    [...vifModels, 'virtuale1000', 'virtuale1000e', 'virtualpcnet32', 'virtualsriovethernetcard', 'virtualvmxnet', 'virtualvmxnet3'],
  ],
  ['hw_viommu_model', ['intel', 'smmuv3', 'virtio', 'auto']],
  ['hw_vm_mode', ['hvm', 'xen', 'uml', 'exe', 'pv', 'hv']],
  ['hw_watchdog_action', ['none', 'pause', 'poweroff', 'reset', 'disabled']],
  ['hw_vif_multiqueue_enabled', 'boolean'],
  ['hw_tpm_model', ['tpm-tis', 'tpm-crb']],
  ['hw_tpm_version', ['1.2', '2.0']],
  ['hw_ephemeral_encryption', 'boolean'],
  ['hw_ephemeral_encryption_format', ['plain', 'luks', 'luksv2']],
  ['hw_ephemeral_encryption_secret_uuid', 'uuid'],
  ['hw_virtio_packed_ring', 'boolean'],
  ['hw_maxphysaddr_mode', ['emulate', 'passthrough']],
  ['hw_maxphysaddr_bits', 'integer'],
  ['hw_sound_model', ['sb16', 'es1370', 'pcspk', 'ac97', 'ich6', 'ich9', 'usb', 'virtio']],
  ['hw_usb_model', ['none', 'nec-xhci', 'qemu-xhci']],
  ['hw_redirected_usb_ports', 'integer'],
  ['img_bittorrent', 'boolean'],
  ['img_bdm_v2', 'boolean'],
  ['img_block_device_mapping', 'list'],
  ['img_cache_in_nova', 'boolean'],
  ['img_compression_level', 'integer'],
  ['img_hv_requested_version', 'predicate'],
  ['img_hv_type', hypervisors],
  ['img_config_drive', ['optional', 'mandatory']],
  ['img_linked_clone', 'boolean'],
  ['img_mappings', 'list'],
  ['img_owner_id', 'text'],
  ['img_root_device_name', 'text'],
  ['img_use_agent', 'boolean'],
  ['img_version', 'integer'],
  ['img_signature', 'text'],
  ['img_signature_hash_method', ['SHA-224', 'SHA-256', 'SHA-384', 'SHA-512']],
  ['img_signature_certificate_uuid', 'uuid'],
  [
    'img_signature_key_type',
    ['DSA', 'ECC_SECP384R1', 'ECC_SECP521R1', 'ECC_SECT409K1', 'ECC_SECT409R1', 'ECC_SECT571K1', 'ECC_SECT571R1', 'RSA-PSS'],
  ],
  ['img_hide_hypervisor_id', 'boolean'],
  ['os_admin_user', 'text'],
  ['os_command_line', 'text'],
  ['os_distro', 'text'],
  ['os_require_quiesce', 'boolean'],
  ['os_secure_boot', ['required', 'disabled', 'optional']],
  ['os_skip_agent_inject_files_at_boot', 'boolean'],
  ['os_skip_agent_inject_ssh', 'boolean'],
  ['os_type', ['linux', 'windows']],
  ['traits_required', 'list'],
])

/** old name → present name */
export const legacyImageProperties: ReadonlyMap<string, string> = new Map([
  ['architecture', 'hw_architecture'],
  ['owner_id', 'img_owner_id'],
  ['vmware_disktype', 'hw_disk_type'],
  ['vmware_image_version', 'img_version'],
  ['vmware_ostype', 'os_distro'],
  ['auto_disk_config', 'hw_auto_disk_config'],
  ['ipxe_boot', 'hw_ipxe_boot'],
  ['xenapi_device_id', 'hw_device_id'],
  ['xenapi_image_compression_level', 'img_compression_level'],
  ['vmware_linked_clone', 'img_linked_clone'],
  ['xenapi_use_agent', 'img_use_agent'],
  ['xenapi_skip_agent_inject_ssh', 'os_skip_agent_inject_ssh'],
  ['xenapi_skip_agent_inject_files_at_boot', 'os_skip_agent_inject_files_at_boot'],
  ['cache_in_nova', 'img_cache_in_nova'],
  ['vm_mode', 'hw_vm_mode'],
  ['bittorrent', 'img_bittorrent'],
  ['mappings', 'img_mappings'],
  ['block_device_mapping', 'img_block_device_mapping'],
  ['bdm_v2', 'img_bdm_v2'],
  ['root_device_name', 'img_root_device_name'],
  ['hypervisor_version_requires', 'img_hv_requested_version'],
  ['hypervisor_type', 'img_hv_type'],
])

/** Those of an image's properties that compute knows, under the names that the image gives them. */
export const knownImageProperties = (properties: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => imageProperties.has(name) || legacyImageProperties.has(name)))
