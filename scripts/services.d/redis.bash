# Redis on loopback. It keeps nothing on disk: what Backscroll holds there may be lost at any time.

# Redis rewrites its own command line to its name and address.
redis_marker() { echo "redis-server 127.0.0.1:$REDIS_PORT"; }
redis_address() { echo "127.0.0.1:$REDIS_PORT"; }
redis_env() { echo "TEST_REDIS_URL=redis://127.0.0.1:$REDIS_PORT"; }
redis_answers() { [ "$(timeout 2 redis-cli -h 127.0.0.1 -p "$REDIS_PORT" ping 2>/dev/null)" = PONG ]; }

redis_start() {
  command -v redis-server >/dev/null || fail "no Redis here: apt-get install redis-server"
  launch redis redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --save "" --appendonly no --daemonize no \
    --dir "$SERVICES_DIR/redis"
}

redis_stop_signal=TERM
redis_patience=30
redis_wipe() { :; }
