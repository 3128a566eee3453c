import {
  dictionary,
  float,
  hashes,
  hex,
  integer,
  list,
  oneOf,
  type Part,
  part,
  ref,
  some,
  table,
  text,
  time,
  vocab,
  yesNo,
} from "./property-kinds.ts";

const count = integer(0);

/** STIX 2.1 §6.7.2 Archive File Extension. */
export const archiveExt: Part = {
  properties: table({ "contains_refs!": list(ref("file", "directory")), comment: text }),
};

/** §6.7.3 NTFS File Extension, with §6.7.3.1 Alternate Data Stream. */
export const ntfsExt: Part = {
  properties: table({
    sid: text,
    alternate_data_streams: list(part({ properties: table({ "name!": text, hashes, size: count }) })),
  }),
  rules: [some("sid", "alternate_data_streams")],
};

/** §6.7.4 PDF File Extension. */
export const pdfExt: Part = {
  properties: table({
    version: text,
    is_optimized: yesNo,
    document_info_dict: dictionary(text),
    pdfid0: text,
    pdfid1: text,
  }),
  rules: [{ rule: "something" }],
};

/** §6.7.5 Raster Image File Extension. */
export const rasterImageExt: Part = {
  properties: table({
    image_height: integer(),
    image_width: integer(),
    bits_per_pixel: integer(),
    exif_tags: dictionary(),
  }),
  rules: [{ rule: "something" }],
};

/** §6.7.6.1 Windows PE Optional Header. */
const optionalHeader: Part = {
  properties: table({
    magic_hex: hex,
    major_linker_version: integer(),
    minor_linker_version: integer(),
    size_of_code: count,
    size_of_initialized_data: count,
    size_of_uninitialized_data: count,
    address_of_entry_point: integer(),
    base_of_code: integer(),
    base_of_data: integer(),
    image_base: integer(),
    section_alignment: integer(),
    file_alignment: integer(),
    major_os_version: integer(),
    minor_os_version: integer(),
    major_image_version: integer(),
    minor_image_version: integer(),
    major_subsystem_version: integer(),
    minor_subsystem_version: integer(),
    win32_version_value_hex: hex,
    size_of_image: count,
    size_of_headers: count,
    checksum_hex: hex,
    subsystem_hex: hex,
    dll_characteristics_hex: hex,
    size_of_stack_reserve: count,
    size_of_stack_commit: count,
    size_of_heap_reserve: integer(),
    size_of_heap_commit: integer(),
    loader_flags_hex: hex,
    number_of_rva_and_sizes: integer(),
    hashes,
  }),
  rules: [{ rule: "something" }],
};

/** §6.7.6 Windows PE Binary File Extension, with §6.7.6.2 Windows PE Section. */
export const windowsPebinaryExt: Part = {
  properties: table({
    "pe_type!": vocab("windows-pebinary-type-ov"),
    imphash: text,
    machine_hex: hex,
    number_of_sections: count,
    time_date_stamp: time,
    pointer_to_symbol_table_hex: hex,
    number_of_symbols: count,
    size_of_optional_header: count,
    characteristics_hex: hex,
    file_header_hashes: hashes,
    optional_header: part(optionalHeader),
    sections: list(part({ properties: table({ "name!": text, size: count, entropy: float(), hashes }) })),
  }),
};

/** §6.12.2 HTTP Request Extension. */
export const httpRequestExt: Part = {
  properties: table({
    "request_method!": text,
    "request_value!": text,
    request_version: text,
    // The names of header fields are HTTP's, RFC 9110 §5.1
    request_header: dictionary(undefined, "free"),
    message_body_length: integer(),
    message_body_data_ref: ref("artifact"),
  }),
};

/** §6.12.3 ICMP Extension. */
export const icmpExt: Part = { properties: table({ "icmp_type_hex!": hex, "icmp_code_hex!": hex }) };

/** §6.12.4 Network Socket Extension. */
export const socketExt: Part = {
  properties: table({
    "address_family!": oneOf("network-socket-address-family-enum"),
    is_blocking: yesNo,
    is_listening: yesNo,
    options: dictionary(),
    socket_type: oneOf("network-socket-type-enum"),
    socket_descriptor: count,
    socket_handle: integer(),
  }),
};

/** §6.12.5 TCP Extension. */
export const tcpExt: Part = {
  properties: table({ src_flags_hex: hex, dst_flags_hex: hex }),
  rules: [some("src_flags_hex", "dst_flags_hex")],
};

/** §6.13.2 Windows Process Extension. */
export const windowsProcessExt: Part = {
  properties: table({
    aslr_enabled: yesNo,
    dep_enabled: yesNo,
    priority: text,
    owner_sid: text,
    window_title: text,
    startup_info: dictionary(),
    integrity_level: oneOf("windows-integrity-level-enum"),
  }),
  rules: [{ rule: "something" }],
};

/** §6.13.3 Windows Service Extension. */
export const windowsServiceExt: Part = {
  properties: table({
    service_name: text,
    descriptions: list(text),
    display_name: text,
    group_name: text,
    start_type: oneOf("windows-service-start-type-enum"),
    service_dll_refs: list(ref("file")),
    service_type: oneOf("windows-service-type-enum"),
    service_status: oneOf("windows-service-status-enum"),
  }),
  rules: [{ rule: "something" }],
};

/** §6.16.2 UNIX Account Extension. */
export const unixAccountExt: Part = {
  properties: table({ gid: integer(), groups: list(text), home_dir: text, shell: text }),
  rules: [{ rule: "something" }],
};

/** §6.18.2 X.509 v3 Extensions. */
export const x509V3Extensions: Part = {
  properties: table({
    basic_constraints: text,
    name_constraints: text,
    policy_constraints: text,
    key_usage: text,
    extended_key_usage: text,
    subject_key_identifier: text,
    authority_key_identifier: text,
    subject_alternative_name: text,
    issuer_alternative_name: text,
    subject_directory_attributes: text,
    crl_distribution_points: text,
    inhibit_any_policy: text,
    private_key_usage_period_not_before: time,
    private_key_usage_period_not_after: time,
    certificate_policies: text,
    policy_mappings: text,
  }),
  rules: [{ rule: "something" }],
};
