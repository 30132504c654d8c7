#!/usr/bin/env bash
# libFuzzer on the decoders of the lower floors, address sanitiser on. Each target: SECONDS (60).
#
#   Tests/Fuzz/run.sh [SECONDS [TARGET...]]      TARGET: Wire, Batch, Record
#
# Swift's package manager builds no fuzzers, so the floors are compiled here, one module each. What imports NIO or
# swift-crypto (frames, peers' messages, SCRAM) is left to the seeded mutations in the suites.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
targets=("$@")
[ ${#targets[@]} = 0 ] && targets=(Wire Batch Record)
work=${FUZZ_WORK:-$(mktemp -d)}
mkdir -p "$work"
features=()
for feature in ExistentialAny InternalImportsByDefault MemberImportVisibility NonisolatedNonsendingByDefault; do
  features+=(-enable-upcoming-feature "$feature")
done
for c in CChecksum CMemoryFile; do
  cat >"$work/$c.modulemap" <<MAP
module $c { umbrella header "$PWD/Sources/$c/include/$c.h" export * }
MAP
  for file in Sources/"$c"/*.c; do
    clang -O1 -g -fsanitize=address -I "Sources/$c/include" -c "$file" -o "$work/$c-$(basename "$file").o"
  done
done
maps=(-Xcc -fmodule-map-file="$work/CChecksum.modulemap" -Xcc -fmodule-map-file="$work/CMemoryFile.modulemap"
  -Xcc -fmodule-map-file="$PWD/Sources/CCodecs/module.modulemap")
floor() {
  # shellcheck disable=SC2046
  swiftc -swift-version 6 -package-name baedal -O -g -enable-testing -parse-as-library -wmo -sanitize=fuzzer,address \
    "${features[@]}" "${maps[@]}" -I "$work" -module-name "$1" -emit-module -emit-module-path "$work/$1.swiftmodule" \
    -emit-object -o "$work/$1.o" $(find "Sources/$1" -name '*.swift')
}
for module in Bytes Clockwork Codecs KafkaWire RecordLog Broker; do
  [ -e "$work/$module.o" ] || floor "$module"
done
for target in "${targets[@]}"; do
  swiftc -swift-version 6 -O -g -parse-as-library -sanitize=fuzzer,address "${features[@]}" "${maps[@]}" -I "$work" \
    -module-name "${target}Fuzz" "Tests/Fuzz/${target}Target.swift" "$work"/{Bytes,Clockwork,Codecs,KafkaWire,RecordLog,Broker}.o \
    "$work"/C*.c.o -o "$work/$target"
  echo "== $target"
  mkdir -p "$work/corpus-$target"
  ASAN_OPTIONS=detect_leaks=0 timeout $((seconds + 120)) "$work/$target" -max_total_time="$seconds" -max_len=1024 \
    -rss_limit_mb=1024 -timeout=5 -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus-$target" \
    2>"$work/$target.log" || { tail -n 40 "$work/$target.log"; exit 1; }
  grep -E '^(Done|stat::(number|average|peak))' "$work/$target.log" || true
done
