#!/usr/bin/env bash
# The day of an event: makes its rooms, issues the participants' tokens, waits until it is over, and deletes the rooms, however
# this ends. usage: ./event.sh <event> <rooms> <participants> [minutes]
set -euo pipefail

event=${1:?which event? It begins the names of its rooms}
rooms=${2:?how many rooms?}
participants=${3:?a file with a line for each participant: an identity and the number of a room}
minutes=${4:-180}
prefix="$event-"
tokens="$event.tokens"

# What is there already would be deleted at the end.
if [ "$(rtc rooms list --prefix "$prefix" --json)" != "[]" ]; then
  echo "There are rooms named $prefix… already: choose another name, or delete them." >&2
  exit 1
fi

down() {
  local status=$?
  # A second ^C must not end the clearing up.
  trap '' INT TERM
  if [ -n "${timer:-}" ]; then kill "$timer" 2> /dev/null || true; fi
  rm -f "$tokens"
  for pause in 2 10 0; do
    rtc rooms delete --prefix "$prefix" --yes && exit "$status"
    sleep "$pause"
  done
  echo "Not all rooms are gone: rtc rooms delete --prefix $prefix --yes" >&2
  exit 4
}
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Should this machine die, an empty room closes by itself.
rtc rooms create --prefix "$prefix" --count "$rooms" --empty-timeout 30m

umask 077
: > "$tokens"
while read -r identity room; do
  token=$(rtc token "$prefix$room" "$identity" --ttl $((minutes * 60 + 60)))
  echo "$identity $token" >> "$tokens"
done < "$participants"
echo "The tokens are in $tokens. The event ends in $minutes minutes, or with ^C."

# In the background, since a signal would else wait for its end.
sleep $((minutes * 60)) &
timer=$!
wait "$timer"
