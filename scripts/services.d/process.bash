# One service's process: started detached, known by its own pid file, stopped with its end waited for.
# A pid counts only while its command line still holds the service's marker, so a pid that the system has given to
# another program since is never signalled. Linux only: it reads /proc.

log_of() { echo "$SERVICES_DIR/$1/log"; }

say() { echo "$*" >&2; }
fail() { say "error: $*"; exit 1; }

# Empty for a process that has ended, also while nobody has taken it away yet (a zombie).
command_line() { { tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null; }

# The pid of a running service; fails when it is not running.
pid_of() {
  local pid
  pid=$(cat "$SERVICES_DIR/$1/pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  [[ $(command_line "$pid") == *"$("$(kind_of "$1")_marker" "$1")"* ]] && echo "$pid"
}

# The process and its children (PostgreSQL has one for each connection), parent first.
tree_of() { echo "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null); }

state_of() {
  local pid
  pid=$(pid_of "$1") || { echo stopped; return; }
  if grep -q '^State:.*T' "/proc/$pid/status" 2>/dev/null; then echo paused; else echo running; fi
}

# launch NAME COMMAND…: in a session of its own, without the caller's input, output or lock (descriptor 9).
launch() {
  local name=$1 log
  log=$(log_of "$name")
  shift
  [ ! -f "$log" ] || mv "$log" "$log.before"
  setsid "$@" </dev/null >"$log" 2>&1 9>&- &
  echo $! >"$SERVICES_DIR/$name/pid"
}

listens() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# wait_ready NAME SECONDS: until it answers in its own protocol; gives the end of its log when it does not.
wait_ready() {
  local name=$1 began=$SECONDS told=$SECONDS
  until "$(kind_of "$name")_answers" "$name"; do
    # By its number alone: until the program has taken over its process, the command line is another's.
    has_ended "$(cat "$SERVICES_DIR/$name/pid")" && { show_log "$name"; fail "$name ended while starting"; }
    ((SECONDS - began < $2)) || { show_log "$name"; fail "$name does not answer after $2 s"; }
    if ((SECONDS - told >= 3)); then
      told=$SECONDS
      say "$name: starting, $((SECONDS - began)) s"
    fi
    sleep 0.2
  done
  say "$name: answers on $(address_of "$name") after $((SECONDS - began)) s"
}

show_log() {
  say "--- the last lines of $(log_of "$1")"
  tail -n 25 "$(log_of "$1")" >&2
  say "---"
}

# end_process NAME SIGNAL SECONDS: signals the process, waits until it and its children are gone, then forgets it.
end_process() {
  local pid pids waited=0
  pid=$(pid_of "$1") || { rm -f "$SERVICES_DIR/$1/pid"; return 0; }
  pids=$(tree_of "$pid")
  kill "-$2" "$pid"
  # A stopped process handles nothing but KILL until it is continued.
  kill -CONT $pids 2>/dev/null
  while any_alive $pids; do
    sleep 0.1
    if ((++waited == $3 * 10)); then
      say "$1 did not end in $3 s: killing it"
      kill -KILL $pids 2>/dev/null
    fi
  done
  rm -f "$SERVICES_DIR/$1/pid"
}

any_alive() {
  local pid
  for pid in "$@"; do has_ended "$pid" || return 0; done
  return 1
}

# Gone, or a zombie whose last thread has ended: before that its sockets may still be open.
has_ended() {
  [ -d "/proc/$1" ] || return 0
  grep -qs '^State:.*Z' "/proc/$1/status" && [ "$(ls "/proc/$1/task" 2>/dev/null | wc -l)" -le 1 ]
}
