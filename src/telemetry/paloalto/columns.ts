// PAN-OS 11.1, "Syslog Field Descriptions"; each version appends to the one before, so a shorter row is an older one's.
// "-" is a column kept for future use.

/** In front of every type's own columns. */
export const first = ["-", "receive_time", "serial", "type", "subtype", "config_version", "time_generated"] as const;

const network =
  "src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset - sessionid repeatcnt sport dport natsport natdport flags proto action";
const groups = "dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name";

const written: Readonly<Record<string, string>> = {
  TRAFFIC: `${network} bytes bytes_sent bytes_received packets start elapsed category - seqno actionflags srcloc dstloc - pkts_sent pkts_received session_end_reason ${groups} action_source src_uuid dst_uuid tunnelid monitortag parent_session_id parent_start_time tunnel assoc_id chunks chunks_sent chunks_received rule_uuid http2_connection link_change_count policy_id link_switches sdwan_cluster sdwan_device_type sdwan_cluster_type sdwan_site dynusergroup_name xff_ip`,
  THREAT: `${network} misc threatid category severity direction seqno actionflags srcloc dstloc - contenttype pcap_id filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid ${groups} - src_uuid dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category contentver - assoc_id ppid http_headers url_category_list rule_uuid http2_connection dynusergroup_name xff_ip`,
  GLOBALPROTECT:
    "vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6 private_ip private_ipv6 hostid serialnumber client_ver client_os client_os_ver repeatcnt reason error opaque status location login_duration connect_method error_code portal seqno actionflags",
  SYSTEM: `vsys eventid object - - module severity opaque seqno actionflags ${groups}`,
  CONFIG: `host vsys cmd admin client result path before_change_detail after_change_detail seqno actionflags ${groups}`,
  USERID: `vsys ip user datasourcename eventid repeatcnt timeoutthreshold beginport endport datasource datasourcetype seqno actionflags ${groups}`,
  AUTHENTICATION: `vsys ip user normalize_user object authpolicy repeatcnt authid vendor logset serverprofile description clienttype event factorno seqno actionflags ${groups}`,
  DECRYPTION: network,
  HIPMATCH: "srcuser vsys machinename os src matchname repeatcnt matchtype - - seqno actionflags",
};

/** Columns of a type by their order, behind `first`; a type that is not here keeps its columns by number. */
export const columns: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(written).map(([type, names]) => [type, names.split(" ")]),
);

/** Columns that the oldest version read here (8.0) had: a row with fewer was cut off. */
export const fewest: Readonly<Record<string, number>> = {
  TRAFFIC: 40,
  THREAT: 34,
  GLOBALPROTECT: 22,
  SYSTEM: 10,
  CONFIG: 8,
};
