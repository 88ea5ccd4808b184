# Ports and sizes: from the environment, else as this folder remembers them, else the default. They are remembered
# so that `status`, `stop` and `down` find what `up` has started without being told again.

services_settings=(POSTGRES_PORT=54329 REDIS_PORT=63790 CASSANDRA_PORT=9142 CASSANDRA_STORAGE_PORT=7100
  CASSANDRA_JMX_PORT=7190 CASSANDRA_NODES=1 CASSANDRA_HEAP_MB=1024)

remembered() { sed -n "s/^$1=//p" "$SERVICES_DIR/settings" 2>/dev/null; }

load_settings() {
  local entry name saved value
  for entry in "${services_settings[@]}"; do
    name=${entry%%=*}
    saved=$(remembered "$name")
    value=${!name:-${saved:-${entry#*=}}}
    [[ $value =~ ^[1-9][0-9]{0,4}$ ]] || fail "$name is '$value': a number is wanted"
    if [ -n "$saved" ] && [ "$saved" != "$value" ] && [ "$(cat "$SERVICES_DIR"/*/pid 2>/dev/null)" ]; then
      fail "$name is $value, but the services in $SERVICES_DIR run with $saved: 'down' first, or take another SERVICES_DIR"
    fi
    printf -v "$name" %s "$value"
  done
  ((CASSANDRA_NODES <= 3)) || fail "CASSANDRA_NODES is $CASSANDRA_NODES: 1 to 3"
}

save_settings() {
  local entry name
  for entry in "${services_settings[@]}"; do
    name=${entry%%=*}
    echo "$name=${!name}"
  done >"$SERVICES_DIR/settings"
}
