# Sourced by the suites beside it: a small corpus and model of their own, and what a case asserts.
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
reka=$PWD/build/release/bin/reka
golden=$PWD/tests/golden/media
suite=$(basename "$0")
cases=0 failures=0
[ -x "$reka" ] || { echo "$suite: $reka: is missing: run scripts/build first" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/reka-$suite-XXXXXX")
cleanup() { rm -rf "$work"; }
trap cleanup EXIT
export OMP_NUM_THREADS=1

# Progress is not an error: these beginnings of lines may stand on stderr beside the one.
progress='^(data|reading|comparing|tokenizing|resume|init_from|step|held out|verifying|dry run)[: ]|: [0-9]+ steps, |: complete: | steps are done; |: [0-9.]+[kMBT]? parameters in '

fail() { # NAME FINDING
  failures=$((failures + 1))
  printf 'FAILED %s: %s\n' "$1" "$2"
  sed 's/^/    stderr: /' "$work/stderr" | head -5
}

# run NAME COMMAND...: leaves stdout, stderr and $code; a crash or 120 s are failures of every case.
run() {
  local name=$1
  shift
  cases=$((cases + 1)) code=0
  timeout -k 5 "${limit:-120}" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || code=$?
  grep -avE "$progress" "$work/stderr" >"$work/lines" || true
  [ "$code" != 124 ] || { fail "$name" "no end within ${limit:-120} s"; return 1; }
  [ "$code" -lt 128 ] || { fail "$name" "crash, exit code $code"; return 1; }
}

# refused NAME CODE PLACE COMMAND...: exit CODE and one line `reka: place: finding: expectation`
# that holds PLACE, an extended regular expression. several=1: a line for each finding in a config;
# warned=1: beside warnings.
refused() {
  local name=$1 wanted=$2 place=$3
  shift 3
  run "$name" "$@" || return 0
  [ -z "${warned:-}" ] || sed -i '/^warning: /d' "$work/lines"
  if ! [[ $code =~ ^($wanted)$ ]]; then
    fail "$name" "exit code $code, not $wanted"
  elif [ "$(wc -l <"$work/lines")" != 1 ] && [ -z "${several:-}" ]; then
    fail "$name" "$(wc -l <"$work/lines") lines, not 1"
  elif ! grep -qaE "^reka: .*($place).*: .+" "$work/lines"; then
    fail "$name" "does not name $place"
  elif grep -qavE '^reka: [^ ].*: .+' "$work/lines" || ! grep -qaE ': .+: .+' "$work/lines"; then
    fail "$name" "is not place: finding: expectation"
  fi
}

# goes_on NAME PATTERN COMMAND...: exit 0; every line is a warning, and one of them holds PATTERN.
# PATTERN "" : no line at all.
goes_on() {
  local name=$1 pattern=$2
  shift 2
  run "$name" "$@" || return 0
  if [ "$code" != 0 ]; then
    fail "$name" "exit code $code, not 0"
  elif grep -qv '^warning: ' "$work/lines"; then
    fail "$name" "lines that are no warning"
  elif [ -z "$pattern" ] && [ -s "$work/lines" ]; then
    fail "$name" "warns"
  elif [ -n "$pattern" ] && ! grep -qE "$pattern" "$work/lines"; then
    fail "$name" "no warning holds $pattern"
  fi
}

# damaged HOW FILE [OTHER]: FILE as the case wants it; `wrong` gives it the content of OTHER.
# `flipped` changes a byte at nine tenths of the file, or at the given percent.
damaged() {
  case $1 in
    missing) rm -rf "$2" ;;
    empty) : >"$2" ;;
    truncated) truncate -s $(($(stat -c %s "$2") / 2)) "$2" ;;
    wrong) cp "${3:-$golden/rgb.png}" "$2" ;;
    flipped) printf '\x5a' | dd of="$2" bs=1 conv=notrunc status=none \
      seek=$(($(stat -c %s "$2") * ${3:-90} / 100)) ;;
  esac
}

finish() {
  echo "$suite: $((cases - failures)) of $cases cases hold"
  [ "$failures" = 0 ]
}

# pages/{en,de}/N.html: a corpus that every build of the suites needs for its tokenizer.
make_pages() { # FOLDER
  local n words
  mkdir -p "$1/en" "$1/de"
  for n in $(seq 60); do
    words=$(echo "$((n * 7919)) $((n * 104729)) $((n * n * 31))" | tr 0-9 aeioulmnrst)
    echo "<title>Page $n</title><p>Words about the number $n: $words, and some more.</p>" >"$1/en/$n.html"
    echo "<title>Seite $n</title><p>Wörter über die Zahl $n: $words, und einige mehr.</p>" >"$1/de/$n.html"
  done
}

# corpus FILE FOLDER TOKENIZER SOURCE...: a config of `reka data build`; SOURCE is "name: {...}".
corpus() {
  local file=$1 folder=$2 tokenizer=$3 source
  shift 3
  {
    echo "data:"
    echo "  folder: $folder"
    echo "  packages: $work/packages"
    echo "  tokenizer: $tokenizer"
    echo "  threads: 1"
    echo "  sources:"
    for source in "$@"; do echo "    $source"; done
  } >"$file"
}
html='pages: {reader: {type: html, path: "pages/{language}/*.html", source_language: en, min_characters: 10}}'
learnt='{type: train, vocab_size: 512}'

# run.yaml: a model that trains in a second, on $1.
make_run_config() { # FILE SHARDS
  cat >"$1" <<END
run: {dir: $work/run, name: tiny}
device: cpu
precision: fp32
model:
  decoder: {dim: 32, num_layers: 1, num_heads: 2, num_kv_heads: 1, hidden: 48, context: 256}
  image: {type: vit, patch: 8, width: 16, num_layers: 1, num_heads: 1, hidden: 24}
  video: {}
  audio: {type: whisper, width: 16, num_layers: 1, num_heads: 1, hidden: 24}
  fusion: {type: resampler, num_queries: 2, audio_queries: 2, audio_seconds: 2, width: 16, num_layers: 1, num_heads: 1, hidden: 24}
  input: {image: {tile_size: 16, max_tiles: 1}, video: {num_frames: 2}}
data: {shards: $2, sequence_length: 128, threads: 1}
batch: {rows: 2}
train: {steps: 4}
optimizer: {type: adamw, lr: 1e-3}
schedule: {type: constant}
checkpoint: {every: 2, keep: 3}
evaluate: {every: 0}
END
}
