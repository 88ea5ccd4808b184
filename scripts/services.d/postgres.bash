# PostgreSQL with a cluster of its own: TCP on loopback only, fsync left on. Anyone on this machine may sign in:
# the cluster is for tests.

postgres_bin() {
  local found
  found=$(ls -d /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin 2>/dev/null | head -n 1)
  [ -x "$found/initdb" ] || found=$(dirname "$(command -v initdb 2>/dev/null)" 2>/dev/null)
  [ -x "$found/initdb" ] || fail "no PostgreSQL here: apt-get install postgresql"
  echo "$found"
}

# PostgreSQL refuses to run as root; its package brings a user for it.
if [ "$(id -u)" = 0 ]; then
  as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
else
  as_postgres=()
fi

postgres_data() { readlink -m "$SERVICES_DIR/postgres/data"; }
postgres_marker() { echo "postgres -D $(postgres_data) "; }
postgres_address() { echo "127.0.0.1:$POSTGRES_PORT"; }
postgres_env() { echo "TEST_DATABASE_URL=postgres://backscroll:backscroll@127.0.0.1:$POSTGRES_PORT/backscroll"; }

postgres_answers() {
  [ "$(PGCONNECT_TIMEOUT=2 "$(postgres_bin)/psql" -XqtA -h 127.0.0.1 -p "$POSTGRES_PORT" -U backscroll \
    -d backscroll -c 'select 1' 2>/dev/null)" = 1 ]
}

postgres_init() {
  local bin=$1 dir=$SERVICES_DIR/postgres data=$SERVICES_DIR/postgres/data
  [ ! -f "$data/PG_VERSION" ] || return 0
  say "postgres: making its cluster"
  postgres_wipe
  if "${as_postgres[@]}" test -x "$dir"; then
    mkdir -p "$data"
    [ "$(id -u)" != 0 ] || chown postgres: "$data"
  else
    # A clone in a folder that only root may enter: the cluster goes where its user can, and is linked from here.
    ln -s "$(cd / && "${as_postgres[@]}" mktemp -d /var/tmp/backscroll-postgres-XXXXXX)" "$data"
  fi
  (
    cd / && data=$(postgres_data) || exit 1
    "${as_postgres[@]}" "$bin/initdb" -D "$data" -U backscroll -A trust -E UTF8 --locale=C.UTF-8 &&
      echo 'create database backscroll' | "${as_postgres[@]}" "$bin/postgres" --single -D "$data" postgres
  ) >"$dir/initdb.log" 2>&1 9>&- || {
    cat "$dir/initdb.log" >&2
    postgres_wipe
    fail "could not make a PostgreSQL cluster"
  }
}

postgres_start() {
  local bin
  bin=$(postgres_bin) || exit 1
  postgres_init "$bin"
  # PostgreSQL takes a killed server for a living one until its parent has buried it: its lock file stands in the way.
  [ -n "$(command_line "$(head -n 1 "$SERVICES_DIR/postgres/data/postmaster.pid" 2>/dev/null)")" ] ||
    rm -f "$SERVICES_DIR/postgres/data/postmaster.pid"
  launch postgres "${as_postgres[@]}" "$bin/postgres" -D "$(postgres_data)" -p "$POSTGRES_PORT" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300
}

# INT is PostgreSQL's fast shutdown: it ends the sessions, writes a checkpoint and stops.
postgres_stop_signal=INT
postgres_patience=60

postgres_wipe() {
  local data=$SERVICES_DIR/postgres/data
  [ ! -L "$data" ] || rm -rf "$(postgres_data)"
  rm -rf "$data"
}
