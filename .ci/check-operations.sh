#!/usr/bin/env bash
# Checks what the tests of the .NET side cannot: the metrics page of a running server, rules, scrape configuration and unit, each with the
# tool of whoever reads them. Expects a built server; tools that are missing are named and passed over. Exit code 0: nothing is wrong.
set -u -o pipefail
cd "$(dirname "$0")/.."

failed=0
work=$(mktemp -d)
server=

finish() {
  [ -n "$server" ] && kill -9 "$server" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "FAIL: $1"
  failed=1
}

# wait_for SECONDS COMMAND…: tries ten times a second.
wait_for() {
  local tries=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

check_unit() {
  mkdir -p "$work/unit"
  # The program of the unit is not installed here; everything else is checked as it stands.
  sed 's|^ExecStart=/opt/gameserver/GameServer|ExecStart=/bin/true|; s|^WorkingDirectory=.*||' deploy/systemd/gameserver.service >"$work/unit/gameserver.service"
  systemd-analyze verify --man=no "$work/unit/gameserver.service" || fail "deploy/systemd/gameserver.service"
}

check_server() {
  local program=GameServer/bin/Release/net10.0/GameServer.dll
  dotnet "$program" serve --port 0 --bots 4 --http 127.0.0.1:0 --log-format json >"$work/log" 2>&1 &
  server=$!
  wait_for 20 grep -q '"event":"ready"' "$work/log" || { fail "the server did not get ready"; cat "$work/log"; return; }
  local url
  url=$(grep -m1 '"event":"ready"' "$work/log" | sed -E 's/.*"http":"([^"]*)".*/\1/')
  sleep 2

  curl -sS -D "$work/head" -o "$work/text" "$url/metrics" || fail "no metrics page"
  grep -qi '^content-type: text/plain; version=0.0.4; charset=utf-8' "$work/head" || fail "content type of the metrics page"
  promtool check metrics <"$work/text" || fail "promtool finds fault with the metrics page"
  curl -sS -H 'Accept: application/openmetrics-text; version=1.0.0' -o "$work/open" "$url/metrics" || fail "no OpenMetrics page"
  [ "$(tail -c 6 "$work/open")" = "# EOF" ] || fail "the OpenMetrics page does not end with # EOF"
  for path in healthz livez readyz; do
    [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/$path")" = 200 ] || fail "/$path"
  done

  kill -TERM "$server"
  wait "$server"
  local code=$?
  server=
  [ "$code" -eq 0 ] || fail "exit code $code after SIGTERM"
}

if command -v promtool >/dev/null; then
  promtool check rules deploy/prometheus/rules.yaml || fail "deploy/prometheus/rules.yaml"
  promtool test rules deploy/prometheus/rules.test.yaml || fail "deploy/prometheus/rules.test.yaml"
  promtool check config deploy/prometheus/scrape.yaml || fail "deploy/prometheus/scrape.yaml"
  check_server
else
  echo "note: promtool is not installed; the metrics page and the rules were not checked"
fi

if command -v systemd-analyze >/dev/null; then
  check_unit
else
  echo "note: systemd-analyze is not installed; the unit was not checked"
fi

if command -v kubectl >/dev/null; then
  kubectl kustomize deploy/kubernetes >"$work/kubernetes.yaml" || fail "deploy/kubernetes"
  grep -q 'grafana_dashboard: "1"' "$work/kubernetes.yaml" || fail "the dashboard's ConfigMap"
else
  echo "note: kubectl is not installed; deploy/kubernetes was not put together"
fi

if docker compose version >/dev/null 2>&1; then
  docker compose -f deploy/compose.yaml config --quiet || fail "deploy/compose.yaml"
else
  echo "note: docker compose is not installed; deploy/compose.yaml was not checked"
fi

exit "$failed"
