# Apache Cassandra out of Maven's jars, one process for each node: node i on 127.0.0.i, the first one the seed.
# Settings: docker/cassandra/cassandra.yaml, with this node's addresses and folders in place of the container's.

cassandra_version=$(sed -n '/cassandra-all/{n;s:.*<version>\(.*\)</version>.*:\1:p}' "$HERE/services.d/cassandra/pom.xml")
cassandra_lib=${BACKSCROLL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/backscroll}/cassandra-$cassandra_version

# What the JDK must open to Cassandra 5.0.
cassandra_exports="java.base/jdk.internal.misc java.base/java.lang.ref java.base/jdk.internal.ref java.base/sun.nio.ch
  java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry java.rmi/sun.rmi.server
  java.rmi/sun.rmi.transport java.rmi/sun.rmi.transport.tcp java.sql/java.sql jdk.unsupported/sun.misc"
cassandra_opens="java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref
  java.base/jdk.internal.reflect java.base/jdk.internal.math java.base/jdk.internal.module
  java.base/jdk.internal.util.jar java.base/java.io java.base/java.lang java.base/java.lang.reflect
  java.base/java.math java.base/java.util java.base/java.nio java.base/java.net java.base/java.util.concurrent
  java.base/java.util.concurrent.atomic java.base/sun.nio.ch jdk.management/com.sun.management.internal"

# cassandra is node 1; cassandra-2 and cassandra-3 are named by their number.
cassandra_node() { if [ "$1" = cassandra ]; then echo 1; else echo "${1#cassandra-}"; fi; }
cassandra_host() { echo "127.0.0.$(cassandra_node "$1")"; }
cassandra_address() { echo "$(cassandra_host "$1"):$CASSANDRA_PORT"; }
cassandra_marker() { echo "-Dcassandra.config=file://$SERVICES_DIR/$1/cassandra.yaml "; }

cassandra_env() {
  local hosts=127.0.0.1:$CASSANDRA_PORT i
  for ((i = 2; i <= CASSANDRA_NODES; i++)); do hosts+=",127.0.0.$i:$CASSANDRA_PORT"; done
  echo "TEST_CASSANDRA_URL=cassandra://$hosts/backscroll?dc=datacenter1&rf=$CASSANDRA_NODES"
}

# Sends OPTIONS, the one request of the native protocol (v4) that needs no session, and looks for SUPPORTED (6).
# A node listens for clients only once it has joined the ring.
cassandra_answers() {
  local opcode
  opcode=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "\x04\0\0\0\x05\0\0\0\0" >&3 &&
    head -c 5 <&3 | tail -c 1 | od -An -tu1' _ "$(cassandra_host "$1")" "$CASSANDRA_PORT" 2>/dev/null)
  [ "${opcode// /}" = 6 ]
}

cassandra_java() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  "$java" -version 2>&1 | grep -qE 'version "(11|17)[."]' ||
    fail "Cassandra $cassandra_version needs Java 17 (or 11): apt-get install openjdk-17-jre-headless, or set JAVA_HOME"
  echo "$java"
}

# Once for all clones. The folder gets its name when it is whole, so an interrupted download is never used.
cassandra_fetch() {
  local part=$cassandra_lib.part.$$
  [ ! -d "$cassandra_lib" ] || return 0
  command -v mvn >/dev/null || fail "no Maven here to fetch Cassandra with: apt-get install maven"
  say "cassandra: fetching version $cassandra_version (66 MB, once) into $cassandra_lib"
  mkdir -p "$part"
  if ! mvn -q -B -f "$HERE/services.d/cassandra/pom.xml" dependency:copy-dependencies -DoutputDirectory="$part" >&2 9>&-; then
    rm -rf "$part"
    fail "Maven could not fetch Cassandra $cassandra_version"
  fi
  mv -T "$part" "$cassandra_lib" 2>/dev/null || rm -rf "$part"
}

cassandra_settings() {
  local dir=$SERVICES_DIR/$1 host
  host=$(cassandra_host "$1")
  sed '/^# --- where this node lives/,$d' "$HERE/../docker/cassandra/cassandra.yaml"
  cat <<YAML
listen_address: $host
rpc_address: $host
storage_port: $CASSANDRA_STORAGE_PORT
native_transport_port: $CASSANDRA_PORT
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: 127.0.0.1:$CASSANDRA_STORAGE_PORT
data_file_directories: ["$dir/data"]
commitlog_directory: "$dir/commitlog"
saved_caches_directory: "$dir/saved_caches"
hints_directory: "$dir/hints"
cdc_raw_directory: "$dir/cdc_raw"
YAML
}

cassandra_start() {
  local name=$1 dir=$SERVICES_DIR/$1 java flag options=()
  java=$(cassandra_java) || exit 1
  cassandra_fetch
  cassandra_settings "$name" >"$dir/cassandra.yaml"
  for flag in $cassandra_exports; do options+=(--add-exports "$flag=ALL-UNNAMED"); done
  for flag in $cassandra_opens; do options+=(--add-opens "$flag=ALL-UNNAMED"); done
  launch "$name" "$java" "-Dcassandra.config=file://$dir/cassandra.yaml" "${options[@]}" \
    "-javaagent:$cassandra_lib/jamm-0.4.0.jar" -ea -Xms512m "-Xmx${CASSANDRA_HEAP_MB}m" -Xss256k -XX:+UseG1GC \
    -XX:+ExitOnOutOfMemoryError -Djdk.attach.allowAttachSelf=true -Djava.io.tmpdir="$dir" \
    "-Dcassandra.storagedir=$dir" "-Dlogback.configurationFile=file://$HERE/services.d/cassandra/logback.xml" \
    "-Dcassandra.jmx.local.port=$((CASSANDRA_JMX_PORT + $(cassandra_node "$name") - 1))" \
    -Dcassandra.consistent.rangemovement=false -Dcassandra.ring_delay_ms=5000 \
    -Dcassandra.skip_wait_for_gossip_to_settle=0 \
    -cp "$cassandra_lib/*" org.apache.cassandra.service.CassandraDaemon
}

cassandra_stop_signal=TERM
cassandra_patience=180

cassandra_wipe() {
  local dir=$SERVICES_DIR/$1
  rm -rf "$dir/data" "$dir/commitlog" "$dir/saved_caches" "$dir/hints" "$dir/cdc_raw"
}
