/** What an operator may tune of the embedded server; everything else is a server of one's own. */
export interface Tuning {
  /** Megabytes of shared buffers, 32 to 4096; absent: 128, of which only touched pages count. */
  readonly sharedBuffersMb?: number;
  /** False only in tests: a power cut may then lose everything. */
  readonly durable?: boolean;
}

/**
 * Settings as command-line arguments, so that a changed version applies to old folders too. For machines of 2 to 24 GB:
 * small at rest (about 25 MB), room to grow while merging millions of indicators.
 *
 * @param major PostgreSQL's major version, 15 or newer
 */
export const serverArguments = (socketFolder: string, major: number, tuning: Tuning): readonly string[] => {
  const durable = tuning.durable ?? true;
  const settings = {
    listen_addresses: "",
    unix_socket_directories: socketFolder,
    unix_socket_permissions: "0700",
    max_connections: 100,
    superuser_reserved_connections: 3,
    shared_buffers: `${tuning.sharedBuffersMb ?? 128}MB`,
    maintenance_work_mem: "64MB",
    work_mem: "8MB",
    temp_file_limit: "20GB",
    // durable: an acknowledged batch survives a power cut
    fsync: durable ? "on" : "off",
    synchronous_commit: durable ? "on" : "off",
    full_page_writes: durable ? "on" : "off",
    wal_compression: "on",
    wal_level: "replica",
    max_wal_size: "2GB",
    min_wal_size: "80MB",
    checkpoint_timeout: "10min",
    // queue and outbox tables turn over fast: look more often than the default minute, and work harder
    autovacuum_naptime: "15s",
    autovacuum_vacuum_cost_limit: 1000,
    random_page_cost: 1.5,
    jit: "off",
    TimeZone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    log_min_messages: "warning",
    log_line_prefix: "%m [%p] %a ",
    // 16 and newer cannot use what 15 knows and the reverse; only what both read, and:
    ...(major >= 18 ? { io_method: "sync" } : {}), // three idle I/O workers cost memory and win nothing on one disk
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
};
